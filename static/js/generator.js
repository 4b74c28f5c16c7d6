// Shows what was chosen without a press of the button.

{
  const form = document.querySelector("[data-generator]");
  let timer;
  let wanted = 0;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 250);
  });

  async function refresh() {
    const mine = ++wanted;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`?${query}`, { credentials: "omit" });
      if (!answer.ok || mine !== wanted) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-result]");
      if (mine !== wanted) return;
      document.querySelectorAll("[data-result]").forEach((old, place) => old.replaceChildren(...fresh[place].childNodes));
      history.replaceState(null, "", `?${query}`);
    } catch {
      // The button does the same.
    }
  }
}

// Copies what a field holds; it works for fields that came later, too.
{
  const shown = () => document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = !navigator.clipboard));
  shown();
  new MutationObserver(shown).observe(document.querySelector("main"), { childList: true, subtree: true });

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    const words = button.textContent;
    button.textContent = document.querySelector("[data-said]").textContent = button.dataset.done;
    setTimeout(() => {
      button.textContent = words;
      document.querySelector("[data-said]").textContent = "";
    }, 4000);
  });
}
