// Takes whoever sent a form with errors to the list of them.

document.querySelector("[data-errors]")?.focus();
