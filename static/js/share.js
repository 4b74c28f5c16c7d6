// Shows what this browser can do for sharing; the plain links are there without it.

const native = document.querySelector("[data-native-share]");
if (native && navigator.share) {
  native.parentElement.hidden = false;
  document.querySelector("[data-closed-with-native-share]")?.removeAttribute("open");
  native.addEventListener("click", () => {
    const { title, text, url } = native.dataset;
    // Closing the sheet is not an error.
    navigator.share({ title, text, url }).catch(() => {});
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.done;
    document.querySelector("[data-said]").textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = words;
      document.querySelector("[data-said]").textContent = "";
    }, 4000);
  });
}
