// Keys for who likes them: "?" shows the list, "g" and a letter goes to a page of the frame, and a page's own keys press
// what carries them in data-key. They can be switched off in the list, for this browser.

{
  const list = document.querySelector("[data-keys]");
  const isOn = list.querySelector("[data-keys-on]");
  const off = "petition.keys-off";
  const places = [...document.querySelectorAll("[data-key]")];
  let isAfterG = false;

  isOn.checked = !localStorage.getItem(off);
  isOn.addEventListener("change", () => {
    if (isOn.checked) localStorage.removeItem(off);
    else localStorage.setItem(off, "1");
  });

  for (const opener of document.querySelectorAll("[data-keys-open]")) {
    opener.hidden = false;
    opener.querySelector("button").addEventListener("click", () => list.showModal());
  }

  const row = list.querySelector("[data-keys-here]");
  const listed = new Set();
  for (const place of places.filter((place) => !place.dataset.key.startsWith("g "))) {
    if (listed.has(place.dataset.key)) continue;
    listed.add(place.dataset.key);
    const own = row.cloneNode(true);
    own.querySelector("kbd").textContent = place.dataset.key;
    own.querySelector("td").textContent = place.dataset.keyWords || place.textContent.trim();
    own.hidden = false;
    row.before(own);
  }

  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

  document.addEventListener("keydown", (event) => {
    if (!isOn.checked || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const key = isAfterG ? `g ${event.key}` : event.key;
    isAfterG = event.key === "g" && !isAfterG;
    const place = places.find((place) => place.dataset.key === key);
    if (event.key === "?") list.showModal();
    else if (place?.matches("input, textarea, select")) place.focus();
    else if (place) place.click();
    else return;
    event.preventDefault();
  });
}
