// Lets the next page in this tab say which address was typed; nothing of it leaves the browser but with the form.

{
  for (const field of document.querySelectorAll("form[method=post] input[name=email]")) {
    field.form.addEventListener("submit", () => sessionStorage.setItem("petition.email", field.value.trim()));
  }
}
