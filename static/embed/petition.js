// Turns links into live counters; the contract is docs/embedding.md. Whatever fails, the plain link stays.
try {
  if (!customElements.get("petition-counter")) start();
} catch {}

function start() {
  // Once, whatever the page does to them later.
  const { fetch, setTimeout, clearTimeout, AbortController, CSSStyleSheet, Intl, JSON, URL } = window;

  const EVERY = 30_000;
  const AT_MOST = 600_000;
  const DEADLINE = 10_000;
  const SPEAK_EVERY = 300_000;
  const LONGEST_ANSWER = 4_000;
  const LINKS = "a.petition-counter[data-call]";
  const WORDS = ["call", "lang", "label", "sign", "of", "closed", "theme", "accent", "size", "goal", "partner"];
  const BOXES = { __proto__: null, small: [240, 40], regular: [360, 56], large: [320, 200] };

  const DARK = "--paper: #1e1e1c; --ink: #f1eee7; --accent: #a9c0f0; --on-accent: #000;";
  const STYLE = `
    .box { --paper: #fff; --ink: #1c1b19; --accent: #2a3f6b; --on-accent: #fff;
      box-sizing: border-box; min-height: inherit; padding: 4px 7px 4px 14px; border: 1px solid #8886;
      border-radius: 12px; display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center;
      background: var(--paper); color: var(--ink); line-height: 1.15; }
    .dark { ${DARK} }
    @media (prefers-color-scheme: dark) { .auto { ${DARK} } }
    .words { flex: 1 0 0; min-width: min-content; }
    .figure { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: .35em; }
    b { font-size: 1.25em; }
    .label, .of { font-size: .875em; }
    .of { opacity: .8; margin-inline-start: auto; }
    .bar { display: block; height: 6px; margin-top: 5px; border-radius: 9px; background: #8884; }
    .bar i { display: block; height: 100%; min-width: 6px; border-radius: 9px;
      background: color-mix(in srgb, var(--accent) 80%, var(--ink)); }
    a { display: grid; place-content: center; min-height: min(38px, var(--height) - 12px); padding: 0 16px; border: 1px solid #8886;
      border-radius: 8px; background: var(--accent); color: var(--on-accent); font-size: .9375em; font-weight: 600;
      text-decoration: none; }
    a:hover { text-decoration: underline; }
    a:focus-visible { outline: 3px solid; outline-offset: -6px; }
    .ended a { background: none; color: var(--ink); }
    .status, .small .of { position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%); }
    .small { padding: 3px 3px 3px 12px; border-radius: 9px; column-gap: 8px; }
    .small b { font-size: 1em; }
    .small .bar { height: 3px; margin-top: 2px; }
    .small a { padding: 0 12px; border-radius: 6px; font-size: .875em; }
    .large { flex-flow: column; align-items: stretch; padding: 17px; border-radius: 16px; }
    .large b { font-size: min(2.5em, 12vw); flex-basis: 100%; }
    .large .bar { height: 8px; margin-top: 10px; }
    .large a { min-height: 46px; }
    @media (prefers-reduced-motion: no-preference) { .bar i { transition: width .8s; } }
    @media (forced-colors: active) { .bar i { forced-color-adjust: none; background: Highlight; } }`;

  const counters = new Map(); // by link
  const feeds = new Map(); // by address
  let spokenAt = performance.now();
  let common;

  const quietly = (act) => (...given) => {
    try {
      act(...given);
    } catch {}
  };

  const onScreen = new IntersectionObserver(
    quietly((entries) => {
      const fresh = [];
      for (const { target, isIntersecting } of entries) {
        const counter = counters.get(target.link ?? target);
        if (!counter) continue;
        counter.isOnScreen = isIntersecting;
        if (isIntersecting && counter.feed.last) fresh.push(counter);
        tidy(counter);
        counter.feed.plan();
      }
      draw(fresh.filter((counter) => !counter.host));
    }),
  );

  const onChange = new MutationObserver(
    quietly((records) => {
      for (const { target, addedNodes, attributeName } of records) {
        addedNodes.forEach(scan);
        if (!attributeName) continue;
        if (counters.has(target)) dispose(counters.get(target));
        scan(target);
      }
      counters.forEach(tidy);
    }),
  );

  // What the counters of one call share.
  class Feed {
    counters = new Set();
    failures = 0;
    dueAt = 0;

    constructor(url) {
      this.url = url;
    }

    // Asks when it is time, while somebody looks.
    plan() {
      clearTimeout(this.timer);
      const isSeen = !document.hidden && [...this.counters].some((counter) => counter.isOnScreen);
      if (!isSeen || this.isOver || this.isAsking) return;
      this.timer = setTimeout(() => this.ask(), this.dueAt - performance.now());
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
      // Not all pages at once.
      const wait = EVERY * 2 ** this.failures * (0.8 + Math.random() * 0.4);
      this.dueAt = performance.now() + Math.min(wait, AT_MOST);
      this.plan();
    }

    show(answer) {
      const now = performance.now();
      const all = [...this.counters];
      const isNews = this.last && answer?.total !== this.last.total && now - spokenAt > SPEAK_EVERY;
      const teller = isNews && all.find((counter) => counter.isOnScreen);
      if (teller) spokenAt = now;
      this.last = answer;
      if (answer) draw(all, teller);
      else all.forEach(dispose);
    }
  }

  // Returns null where there is no such call.
  async function read(url) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), DEADLINE);
    try {
      const { status, body } = await fetch(url, {
        __proto__: null,
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: control.signal,
      });
      if (status === 404 || status === 410) return null;
      const reader = body.getReader();
      const decoder = new TextDecoder();
      for (let text = ""; status === 200 && text.length < LONGEST_ANSWER; ) {
        const { done, value } = await reader.read();
        if (done) return check(JSON.parse(text));
        text += decoder.decode(value);
      }
      throw status;
    } finally {
      clearTimeout(timer);
      control.abort();
    }
  }

  function check(answer) {
    const areCounts = [answer.total, answer.goal ?? 0].every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!areCounts || typeof answer.closed !== "boolean") throw answer;
    return answer;
  }

  function watch(root) {
    const attributeFilter = ["href", ...WORDS.map((word) => `data-${word}`)];
    onChange.observe(root, { __proto__: null, childList: true, subtree: true, attributeFilter });
    scan(root);
  }

  function scan(node) {
    if (node.matches?.(LINKS)) quietly(upgrade)(node);
    node.querySelectorAll?.(LINKS).forEach(quietly(upgrade));
  }

  function upgrade(link) {
    const words = { __proto__: null };
    for (const word of WORDS) words[word] = link.getAttribute(`data-${word}`) ?? undefined;
    const url = new URL(link.href);
    if (counters.has(link) || !/^https?:$/.test(url.protocol)) return;
    const address = `${url.origin}/counters/${encodeURIComponent(words.call)}.json`;
    if (!feeds.has(address)) feeds.set(address, new Feed(address));
    const feed = feeds.get(address);
    if (feed.last === null) return;
    if (words.partner && !url.searchParams.has("partner")) url.searchParams.set("partner", words.partner);
    const counter = { __proto__: null, link, words, url, feed, moves: 0 };
    counters.set(link, counter);
    feed.counters.add(counter);
    onScreen.observe(link);
  }

  // Follows a link that moves, but not for ever.
  function tidy(counter) {
    const { link, host } = counter;
    if (!link.isConnected || counter.moves > 9) dispose(counter);
    else if (host && link.nextSibling !== host) {
      counter.moves++;
      link.after(host);
    }
  }

  function dispose(counter) {
    const { link, host, feed, display } = counter;
    counters.delete(link);
    feed.counters.delete(counter);
    onScreen.unobserve(link);
    if (host) {
      host.remove();
      link.style.display = display;
    }
    feed.plan();
  }

  // Reads for all, then writes for all, so that the page is laid out once.
  function draw(all, teller) {
    const fresh = all.filter((counter) => !counter.host);
    fresh.forEach(quietly(build));
    for (const counter of all) quietly(write)(counter, counter === teller);
    fresh.forEach(quietly(place));
    for (const size of [".9em", ".8em"]) {
      const tall = fresh.filter(({ host, height }) => host?.offsetHeight > height + 1);
      for (const { parts } of tall) parts.box.style.fontSize = size;
    }
  }

  function write({ words, feed, parts, name }, isTold) {
    const { label = "signatures", of = "of {goal}", sign = "Sign", closed = "Closed" } = words;
    const { total, goal } = feed.last;
    const hasGoal = goal > 0 && words.goal !== "off";
    const number = format(total, words.lang);
    const action = feed.last.closed ? closed : sign;
    parts.number.textContent = number;
    parts.label.textContent = label;
    parts.of.textContent = hasGoal ? of.replace("{goal}", () => format(goal, words.lang)) : "";
    parts.sign.textContent = action;
    parts.sign.ariaLabel = name ? `${action}: ${name}` : action;
    parts.status.textContent = isTold ? `${number} ${label}` : "";
    parts.bar.style.display = hasGoal ? "" : "none";
    parts.fill.style.width = hasGoal ? `${Math.min(100, (100 * total) / goal)}%` : "";
    parts.box.classList.toggle("ended", feed.last.closed);
  }

  function build(counter) {
    const { link, url, words } = counter;
    const parts = { __proto__: null };
    const make = (tag, name, ...inside) => {
      const made = (parts[name] = document.createElement(tag));
      made.className = name;
      for (const part of inside) made.append(part, " "); // a line even without style
      return made;
    };
    const size = BOXES[words.size] ? words.size : "regular";
    const image = link.querySelector("img");
    const figure = make("span", "figure", make("b", "number"), make("span", "label"), make("span", "of"));
    const wording = make("span", "words", figure, make("span", "bar", make("i", "fill")));
    make("div", "box", wording, make("a", "sign"), make("span", "status"));
    const { box, sign, status } = parts;
    box.className += ` ${size} ${words.theme || "auto"}`;
    box.lang = words.lang || "en";
    status.role = "status";
    sign.href = url;
    sign.target = link.target;
    sign.rel = link.rel;
    if (/^#[\da-f]{6}$/i.test(words.accent)) {
      box.style.setProperty("--accent", words.accent);
      box.style.setProperty("--on-accent", luminance(words.accent) > 0.179 ? "#000" : "#fff");
    }
    // It takes the box of the badge: nothing moves.
    const [width, height] = BOXES[size];
    const { display, margin, verticalAlign } = getComputedStyle(image ?? link);
    const isInline = display !== "block" && getComputedStyle(link).display.startsWith("inline");
    counter.height = image?.getBoundingClientRect().height || height;
    counter.css = `:host { all: initial; display: ${isInline ? "inline-block" : "block"}; contain: layout;
      width: ${parseInt(image?.getAttribute("width")) || width}px; max-width: 100%; min-height: ${counter.height}px;
      margin: ${margin}; vertical-align: ${verticalAlign}; font-family: var(--petition-font, system-ui, sans-serif); }`;
    box.style.setProperty("--height", `${counter.height}px`);
    counter.name = (image?.alt || link.textContent).trim();
    counter.parts = parts;
  }

  function place(counter) {
    const { link, parts, css } = counter;
    const host = document.createElement("petition-counter");
    const shadow = host.attachShadow({ __proto__: null, mode: "closed" });
    shadow.append(parts.box);
    try {
      shadow.adoptedStyleSheets = [sheet(css.replaceAll(";", " !important;")), (common ??= sheet(STYLE))];
    } catch {}
    counter.host = host;
    counter.display = link.style.display;
    host.link = link;
    link.style.setProperty("display", "none", "important");
    link.after(host);
    onScreen.observe(host);
    onScreen.unobserve(link);
  }

  function sheet(css) {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  }

  function format(number, language = "en") {
    try {
      return new Intl.NumberFormat(language, { __proto__: null }).format(number);
    } catch {
      return `${number}`;
    }
  }

  // Above 0.179, black is easier to read than white.
  function luminance(colour) {
    const part = (at) => ((parseInt(colour.slice(at, at + 2), 16) / 255 + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  }

  document.addEventListener("visibilitychange", quietly(() => feeds.forEach((feed) => feed.plan())));
  watch(document);

  // Around a link, it makes this work inside a shadow root.
  customElements.define(
    "petition-counter",
    class extends HTMLElement {
      connectedCallback() {
        if (!this.link) quietly(watch)(this.getRootNode());
      }
    },
  );
}
