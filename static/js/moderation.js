// The queue of stories: who reads one keeps it for five minutes, a reason opens at its first field, and all can be ticked.

{
  const keep = document.querySelector("[data-lock]");
  const renew = async () => {
    if (document.hidden) return;
    const answer = await fetch(keep.action, { method: "POST", body: new FormData(keep), redirect: "manual" });
    if (answer.type !== "opaqueredirect") return;
    const words = document.createElement("p");
    words.className = "hint";
    words.textContent = keep.dataset.words;
    keep.querySelector("button, p").replaceWith(words);
  };
  if (keep) {
    renew();
    setInterval(renew, 240000);
  }

  for (const why of document.querySelectorAll(".decide-why")) {
    why.querySelector("summary").addEventListener("click", (event) => {
      // Opened here, for the event that tells of it comes later than the next key of somebody fast.
      event.preventDefault();
      why.open = !why.open;
      if (why.open) why.querySelector("input:not([type=hidden]), textarea").focus();
    });
    why.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      why.open = false;
      why.querySelector("summary").focus();
    });
  }

  const all = document.querySelector("[data-tick-all]");
  if (all) {
    all.hidden = false;
    all.querySelector("button").addEventListener("click", () => {
      for (const box of document.querySelectorAll(".bulk-list input")) box.checked = true;
    });
  }
}
