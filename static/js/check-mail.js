// Shows which address was typed, and offers to send again. Both are known to this browser only: the address is in the
// session storage of this tab, and the part of the URL behind "#" is never sent to a server.

const again = location.hash.match(/^#again=(.+)$/)?.[1];
if (again) {
  const form = document.querySelector("[data-again]");
  form.elements.again.value = again;
  form.hidden = false;
}

const address = sessionStorage.getItem("petition.email");
const place = document.querySelector("[data-typed]");
if (address && place) {
  const [before, after] = place.textContent.split("{address}");
  const shown = document.createElement("strong");
  shown.textContent = address;
  place.replaceChildren(before, shown, after ?? "");
  place.hidden = false;
}
