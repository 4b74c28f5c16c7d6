// Keeps the number of an open call fresh, quietly: every ten seconds while somebody is looking.

{
  const EVERY = 10_000;
  const AT_MOST = 300_000;
  const SPEAK_EVERY = 60_000;

  const language = document.documentElement.lang;
  const digits = new Intl.NumberFormat(language);
  const plural = new Intl.PluralRules(language);
  const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });

  let box = document.querySelector("[data-counter]");
  let wait = EVERY;
  let timer;
  let spokenAt = Date.now();

  const find = (name) => box.querySelector(`[data-${name}]`);

  if (box) {
    document.addEventListener("visibilitychange", () => {
      clearTimeout(timer);
      if (!document.hidden) refresh();
    });
    timer = setTimeout(refresh, wait);
  }

  async function refresh() {
    try {
      const answer = await fetch(box.dataset.counter, { credentials: "omit" });
      if (!answer.ok) throw new Error(answer.status);
      await show(await answer.json());
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, AT_MOST);
    }
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(refresh, wait);
  }

  async function show({ total, goal, today, as_of }) {
    for (const place of document.querySelectorAll("[data-progress]")) {
      say(place, { number: digits.format(total), goal: digits.format(goal) });
    }
    const number = find("number");
    const before = number ? Number(number.value) : 0;
    if (!number || plural.select(before) !== plural.select(total)) {
      if (total !== before) await replace();
      return;
    }
    const bar = box.querySelector("progress");
    bar.max = goal;
    bar.value = total;
    find("goal").textContent = digits.format(goal);
    find("today").hidden = !today;
    say(find("today"), { number: digits.format(today) });
    asOf(new Date(as_of));
    if (total === before) return;
    number.value = total;
    number.textContent = digits.format(total);
    number.classList.remove("has-changed");
    void number.offsetWidth;
    number.classList.add("has-changed");
    announce(digits.format(total));
  }

  function asOf(at) {
    const place = find("as-of");
    say(place, { moment: `${day.format(at)}, ${at.toISOString().slice(11, 16)} UTC` });
    document.querySelector("#total-words").title = place.textContent;
  }

  function announce(number) {
    if (Date.now() - spokenAt < SPEAK_EVERY) return;
    spokenAt = Date.now();
    say(find("announce"), { number });
  }

  // Fills the server's sentence with values.
  function say(place, values) {
    const words = place.dataset.words.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);
    if (place.textContent !== words) place.textContent = words;
  }

  // Another plural needs other words, and those only the server knows.
  async function replace() {
    const answer = await fetch(location.href, { credentials: "omit", cache: "reload" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-counter]");
    if (!fresh) return;
    box.replaceWith(fresh);
    box = fresh;
  }
}
