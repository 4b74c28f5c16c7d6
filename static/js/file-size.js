// Says that a file is too large when it is chosen, before it is sent in vain.

for (const input of document.querySelectorAll("input[type=file][data-max-bytes]")) {
  const note = document.createElement("p");
  note.className = "field-error";
  note.setAttribute("role", "status");
  input.after(note);

  const check = () => {
    const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
    note.textContent = isTooLarge ? input.dataset.tooLarge : "";
    return isTooLarge;
  };

  input.addEventListener("change", check);
  input.form.addEventListener("submit", (event) => {
    if (!check()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  }, { capture: true });
}
