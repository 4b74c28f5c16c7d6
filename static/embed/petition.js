// Turns each <a class="petition-counter" data-call="…"> into a live counter. docs/embedding.md is its contract.
// A module or a classic script, no dependency. Whatever fails, the page keeps its plain link and hears nothing of it.
try {
  if (!customElements.get("petition-counter")) start();
} catch {}

function start() {
  // Taken once: what the page does to its globals later is no concern of ours.
  const { fetch, setTimeout, clearTimeout, IntersectionObserver, MutationObserver, AbortController } = window;
  const { NumberFormat } = Intl;

  const EVERY = 30_000;
  const AT_MOST = 600_000;
  const DEADLINE = 10_000;
  const SPEAK_EVERY = 300_000;
  const LONGEST_ANSWER = 4_000;
  const LINKS = "a.petition-counter[data-call]";
  const ATTRIBUTES = ["lang", "label", "sign", "of", "closed", "theme", "accent", "size", "goal", "partner", "call"];
  const BOXES = { __proto__: null, small: [240, 40], regular: [360, 56], large: [320, 200] };

  const DARK = `--paper: #1e1e1c; --ink: #f1eee7; --soft: #b8b4aa; --line: #45433e; --track: #3a3833;
    --accent: #a9c0f0; --on-accent: #000;`;
  const STYLE = `
    .box { --paper: #fff; --ink: #1c1b19; --soft: #5c5952; --line: #d8d5cc; --track: #e6e3db;
      --accent: #2a3f6b; --on-accent: #fff;
      box-sizing: border-box; position: relative; min-height: inherit; padding: 7px 8px 7px 14px; overflow: hidden;
      display: flex; gap: 6px 14px; align-items: center; border: 1px solid var(--line); border-radius: 12px;
      background: var(--paper); color: var(--ink); line-height: 1.2; }
    .dark { ${DARK} }
    @media (prefers-color-scheme: dark) { .auto { ${DARK} } }
    .words { flex: 1 1 8em; min-width: 0; }
    .figure { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .35em; overflow-wrap: anywhere; }
    b { font-size: 1.25em; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
    .label { font-size: .875em; }
    .of { font-size: .8125em; color: var(--soft); margin-inline-start: auto; }
    .long b { font-size: 1em; } .long .label, .long .of { font-size: .75em; }
    .bar { display: block; height: 6px; margin-top: 5px; border-radius: 9px; background: var(--track); }
    .bar i { display: block; height: 100%; min-width: 6px; border-radius: inherit; background: var(--accent);
      background: color-mix(in srgb, var(--accent) 80%, var(--ink)); }
    a { box-sizing: border-box; display: flex; align-items: center; justify-content: center; min-height: 40px;
      padding: 4px 16px; border-radius: 8px; background: var(--accent); color: var(--on-accent); font-size: .9375em;
      font-weight: 600; text-decoration: none; box-shadow: inset 0 0 0 1px #8886; }
    a:hover { text-decoration: underline; text-underline-offset: .2em; }
    a:focus-visible { outline: 3px solid var(--ink); outline-offset: -5px; box-shadow: 0 0 0 2px var(--paper) inset; }
    .ended a { background: none; color: var(--ink); }
    .status, .small .of { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap; }
    .small { padding: 3px 4px 3px 12px; border-radius: 9px; gap: 8px; }
    .small b { font-size: 1em; } .small .label { font-size: .8125em; }
    .small .bar { position: absolute; inset: auto 0 0; height: 3px; border-radius: 0; }
    .small a { min-height: 30px; padding: 2px 12px; border-radius: 6px; font-size: .875em; }
    .large { flex-direction: column; align-items: stretch; gap: 14px; padding: 17px 18px 18px; border-radius: 16px; }
    .large .words { flex: 1 0 auto; }
    .large b { font-size: 2.5em; line-height: 1.1; letter-spacing: -.02em; flex-basis: 100%; }
    .large .label { font-size: 1em; } .large .of { font-size: .875em; }
    .large .bar { height: 8px; margin-top: 10px; }
    .large a { min-height: 46px; font-size: 1em; }
    @media (prefers-reduced-motion: no-preference) { .bar i { transition: width .8s ease-out; } }
    @media (forced-colors: active) {
      a { border: 1px solid; } .bar { outline: 1px solid; } .bar i { forced-color-adjust: none; background: Highlight; }
    }`;

  const quietly = (act) => (...given) => {
    try {
      return act(...given);
    } catch {}
  };
  const after = (wait, act) => setTimeout(quietly(act), wait);
  const now = () => performance.now();

  const counters = new Map(); // by their link
  const feeds = new Map(); // by the address of the JSON
  const watched = new WeakSet();
  let spokenAt = now();

  const onScreen = new IntersectionObserver(quietly((entries) => {
    for (const { target, isIntersecting } of entries) {
      const counter = counters.get(target) ?? counters.get(target.link);
      if (!counter) continue;
      counter.isOnScreen = isIntersecting;
      tidy(counter);
      counter.feed.plan();
    }
  }), { __proto__: null, rootMargin: "100px" });

  const onChange = new MutationObserver(quietly((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "childList") addedNodes.forEach((node) => node.nodeType === 1 && scan(node));
      else if (counters.has(target)) dispose(counters.get(target));
      if (type !== "childList" && target.matches(LINKS)) upgrade(target);
    }
    for (const counter of counters.values()) tidy(counter);
  }));

  // What all counters of one call share: one request, one clock, the last answer.
  class Feed {
    counters = new Set();
    failures = 0;
    dueAt = 0;

    constructor(url) {
      this.url = url;
    }

    // Asks when it is time, but only while somebody looks.
    plan() {
      clearTimeout(this.timer);
      const isSeen = !document.hidden && [...this.counters].some((counter) => counter.isOnScreen);
      if (isSeen && !this.isOver && !this.isAsking) this.timer = after(this.dueAt - now(), () => this.ask());
    }

    async ask() {
      this.isAsking = true;
      try {
        const answer = await read(this.url);
        this.failures = 0;
        this.isOver = !answer || answer.closed;
        this.show(answer);
      } catch {
        this.failures++;
      }
      this.isAsking = false;
      // A little earlier or later than others, so that not all pages of the world ask at once.
      this.dueAt = now() + Math.min(EVERY * 2 ** this.failures * (0.8 + Math.random() * 0.4), AT_MOST);
      this.plan();
    }

    show(answer) {
      const hasChanged = this.last && answer && this.last.total !== answer.total;
      const mayTell = hasChanged && now() - spokenAt > SPEAK_EVERY;
      const teller = mayTell && [...this.counters].find((counter) => counter.isOnScreen);
      if (teller) spokenAt = now();
      this.last = answer;
      for (const counter of [...this.counters]) quietly(answer ? render : dispose)(counter, counter === teller);
    }
  }

  // Returns the answer, or null where there is no such call; throws on everything else.
  async function read(url) {
    const control = new AbortController();
    const timer = after(DEADLINE, () => control.abort());
    try {
      const answer = await fetch(url, {
        __proto__: null,
        mode: "cors",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: control.signal,
      });
      if (answer.status === 404 || answer.status === 410) return null;
      if (!answer.ok) throw answer;
      return check(JSON.parse(await text(answer.body.getReader())));
    } finally {
      clearTimeout(timer);
      control.abort();
    }
  }

  async function text(reader) {
    const decoder = new TextDecoder();
    for (let whole = ""; whole.length <= LONGEST_ANSWER; ) {
      const { done, value } = await reader.read();
      if (done) return whole;
      whole += decoder.decode(value, { __proto__: null, stream: true });
    }
    throw reader;
  }

  function check({ total, goal, closed }) {
    const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
    if (!isCount(total) || !isCount(goal ?? 0) || typeof closed !== "boolean") throw total;
    return { total, goal, closed };
  }

  // From now on, links in this document or shadow root are counters.
  function watch(root) {
    if (watched.has(root)) return;
    watched.add(root);
    const attributeFilter = ["href", ...ATTRIBUTES.map((name) => `data-${name}`)];
    onChange.observe(root, { __proto__: null, childList: true, subtree: true, attributes: true, attributeFilter });
    scan(root);
  }

  function scan(root) {
    if (root.matches?.(LINKS)) upgrade(root);
    root.querySelectorAll(LINKS).forEach(upgrade);
  }

  function upgrade(link) {
    const url = new URL(link.href);
    if (counters.has(link) || !/^https?:$/.test(url.protocol)) return;
    const address = `${url.origin}/counters/${encodeURIComponent(link.dataset.call)}.json`;
    if (!feeds.has(address)) feeds.set(address, new Feed(address));
    const feed = feeds.get(address);
    if (feed.isOver && !feed.last) return;
    const { partner } = link.dataset;
    if (partner && !url.searchParams.has("partner")) url.searchParams.set("partner", partner);
    const counter = { link, url, feed, isOnScreen: false, moves: 0 };
    counters.set(link, counter);
    feed.counters.add(counter);
    onScreen.observe(link);
    if (feed.last) quietly(render)(counter);
  }

  // Follows a link that was moved; lets go of one that was removed, or of a page that fights for the place.
  function tidy(counter) {
    const { link, host } = counter;
    if (!link.isConnected || counter.moves > 9) dispose(counter);
    else if (host && link.nextSibling !== host) {
      counter.moves++;
      link.after(host);
    }
  }

  // Leaves nothing but the link as it was.
  function dispose(counter) {
    const { link, host, feed, display } = counter;
    counters.delete(link);
    feed.counters.delete(counter);
    onScreen.unobserve(link);
    if (host) {
      onScreen.unobserve(host);
      host.remove();
      link.style.setProperty("display", ...display);
    }
    feed.plan();
  }

  function render(counter, isTold) {
    const { link, feed } = counter;
    const { total, goal, closed } = feed.last;
    const words = link.dataset;
    const number = format(total, words.lang);
    const hasGoal = goal > 0 && words.goal !== "off";
    const figures = {
      number,
      label: words.label ?? "signatures",
      of: hasGoal ? (words.of ?? "of {goal}").replace("{goal}", () => format(goal, words.lang)) : "",
    };
    if (!counter.host) build(counter);
    const { box, parts } = counter;
    for (const [name, value] of Object.entries(figures)) if (parts[name].textContent !== value) parts[name].textContent = value;
    const action = closed ? (words.closed ?? "Closed") : (words.sign ?? "Sign");
    parts.sign.textContent = action;
    if (counter.name) parts.sign.setAttribute("aria-label", `${action}: ${counter.name}`);
    parts.bar.style.display = hasGoal ? "" : "none";
    parts.fill.style.width = hasGoal ? `${Math.min(100, (100 * total) / goal)}%` : "0";
    parts.status.textContent = isTold ? `${number} ${figures.label}` : "";
    box.classList.toggle("ended", closed);
    box.classList.toggle("long", `${number}${figures.label}${figures.of}`.length > 26);
    if (!counter.host.isConnected) place(counter);
  }

  function build(counter) {
    const { link, url } = counter;
    const { lang = "en", theme, accent, size } = link.dataset;
    const host = document.createElement("petition-counter");
    const shadow = host.attachShadow({ __proto__: null, mode: "closed" });
    const parts = {};
    const add = (parent, tag, name, className = name) => {
      parts[name] = parent.appendChild(document.createElement(tag));
      if (className) parts[name].className = className;
      // Without any style it is still a line with spaces in it.
      parent.append(" ");
      return parts[name];
    };
    counter.size = BOXES[size] ? size : "regular";
    const box = add(shadow, "div", "box", `box ${counter.size} ${/^(light|dark)$/.test(theme) ? theme : "auto"}`);
    box.lang = lang;
    const wording = add(box, "span", "words");
    const figure = add(wording, "span", "figure");
    add(figure, "b", "number", "");
    add(figure, "span", "label");
    add(figure, "span", "of");
    const bar = add(wording, "span", "bar");
    bar.setAttribute("aria-hidden", "true");
    add(bar, "i", "fill", "");
    const sign = add(box, "a", "sign", "");
    sign.href = url.href;
    if (link.target) sign.target = link.target;
    if (link.rel) sign.rel = link.rel;
    add(box, "span", "status").setAttribute("role", "status");
    if (/^#[\da-f]{6}$/i.test(accent)) {
      box.style.setProperty("--accent", accent);
      box.style.setProperty("--on-accent", luminance(accent) > 0.179 ? "#000" : "#fff");
    }
    host.link = link;
    counter.name = (link.querySelector("img")?.alt || link.textContent).trim();
    Object.assign(counter, { host, shadow, box, parts });
  }

  // Takes the box of the badge, so that nothing on the page moves.
  function place(counter) {
    const { link, host, shadow } = counter;
    const image = link.querySelector("img");
    const [usualWidth, usualHeight] = BOXES[counter.size];
    const width = Number(image?.getAttribute("width")) || usualWidth;
    const height = Number(image?.getAttribute("height")) || usualHeight;
    const shown = image?.getBoundingClientRect();
    const outer = getComputedStyle(link);
    const inner = getComputedStyle(image ?? link);
    const isBlock = !outer.display.startsWith("inline") || inner.display === "block";
    const scaled = shown?.width && shown.width < width ? Math.max(shown.height, usualHeight * 0.8) : height;
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`:host { all: initial !important; display: ${isBlock ? "block" : "inline-block"} !important;
        box-sizing: border-box !important; contain: layout !important; text-align: start !important;
        width: ${width}px !important; max-width: 100% !important; min-height: ${Math.min(scaled, height)}px !important;
        margin: ${inner.margin} !important; vertical-align: ${inner.verticalAlign} !important;
        font-family: var(--petition-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif) !important; }
        ${STYLE}`);
      shadow.adoptedStyleSheets = [sheet];
    } catch {}
    counter.display = [link.style.getPropertyValue("display"), link.style.getPropertyPriority("display")];
    link.style.setProperty("display", "none", "important");
    link.after(host);
    onScreen.observe(host);
    onScreen.unobserve(link);
  }

  function format(number, language) {
    try {
      return new NumberFormat(language || "en", { __proto__: null }).format(number);
    } catch {
      return String(number);
    }
  }

  // As WCAG has it; above 0.179, black is easier to read than white.
  function luminance(colour) {
    const [red, green, blue] = [1, 3, 5]
      .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  document.addEventListener("visibilitychange", quietly(() => feeds.forEach((feed) => feed.plan())));
  watch(document);

  // Around a link, it makes this work inside shadow roots, which nobody sees from outside.
  customElements.define(
    "petition-counter",
    class extends HTMLElement {
      connectedCallback() {
        quietly(watch)(this.getRootNode());
      }
    },
  );
}
