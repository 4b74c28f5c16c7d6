// Screen readers say what changes, not what stands there when a page arrives: what has just happened is set once more.

for (const flash of document.querySelectorAll("[data-flash]")) {
  setTimeout(() => flash.replaceChildren(...flash.childNodes), 150);
}
