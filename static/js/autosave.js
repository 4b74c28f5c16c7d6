// Saves a draft some seconds after typing, and says so. The answer never touches what is being typed. Without a
// connection, or when the session is over, the text is kept in this tab until it is saved.

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const WAIT = 3000;
  const status = form.querySelector("[data-status]");
  const base = form.elements.base;
  const key = `petition.draft.${location.pathname}`;
  let timer, sending, isDirty = false, isLeaving = false;

  const say = (words) => {
    if (status.textContent !== words) status.textContent = words;
  };
  const fields = () => [...new FormData(form)].filter(([name]) => !["csrf_token", "base", "new_language"].includes(name));
  const keep = (isSent = false) => {
    try {
      sessionStorage.setItem(key, JSON.stringify({ base: base.value, isSent, fields: fields() }));
    } catch {
      // A full or forbidden store: the text is still in the page.
    }
  };

  // Puts back what was not saved; what was sent, and after which the draft went on, has arrived.
  const restore = ({ base: began, isSent, fields }) => {
    if (isSent && began !== base.value) return;
    for (const [name, value] of fields) {
      const field = form.elements[name];
      if (!field || field instanceof RadioNodeList || field.type === "hidden" || field.value === value) continue;
      field.value = value;
      isDirty = true;
    }
    if (!isDirty) return;
    base.value = began;
    say(form.dataset.restored);
  };

  const send = async () => {
    clearTimeout(timer);
    if (sending || isLeaving || !isDirty) return;
    isDirty = false;
    sending = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual", signal: sending.signal });
      const type = answer.headers.get("Content-Type") ?? "";
      const told = type.startsWith("application/json") ? await answer.json() : null;
      if (told?.base) {
        base.value = told.base;
        say(told.words);
        if (!isDirty) sessionStorage.removeItem(key);
      } else if (told?.words) {
        keep();
        say(told.words);
        if (told.choose) offer(told.choose);
      } else {
        keep();
        say(answer.status >= 500 ? form.dataset.offline : form.dataset.signedOut);
      }
    } catch {
      isDirty = true;
      keep();
      if (!isLeaving) say(form.dataset.offline);
    }
    sending = undefined;
    if (isDirty && !isLeaving) timer = setTimeout(send, WAIT);
  };

  // Two wrote at once: the button saves, and so leads to the page where both drafts stand side by side.
  const offer = (words) => {
    const button = form.querySelector('.editor-bar button[value="save"]');
    button.textContent = words;
    stop();
  };
  const stop = () => {
    clearTimeout(timer);
    form.removeEventListener("input", typed);
  };
  const typed = (event) => {
    if (event.target.name === "new_language") return;
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(send, WAIT);
    if (!sending) say(form.dataset.typing);
  };

  form.addEventListener("input", typed);
  window.addEventListener("pagehide", () => isDirty && keep());
  window.addEventListener("online", () => isDirty && send());
  form.addEventListener("submit", () => {
    isLeaving = true;
    clearTimeout(timer);
    keep(true);
    isDirty = false;
    sending?.abort();
  });
  window.addEventListener("pageshow", () => (isLeaving = false));
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  sessionStorage.removeItem(key);
  // A page with faults shows what was typed by itself.
  if (kept && !document.querySelector("[data-errors]")) restore(kept);
}
