// Makes a combobox of the field for a person or an object in Europeana, after the pattern of the ARIA Authoring
// Practices: the text stays in the field, the list opens below it, and what is chosen goes into a hidden field.

{
  const SHORTEST = 3, PAUSE = 350;

  document.querySelectorAll("[data-item-picker]").forEach((picker) => picker.dataset.source && start(picker));

  function start(picker) {
    const input = picker.querySelector("input[name=hero]");
    const chosen = picker.querySelector("[data-item]");
    const shown = picker.querySelector("[data-item-chosen]");
    const status = picker.querySelector("[data-item-status]");
    const words = picker.dataset;
    const known = new Map();
    let active = -1, options = [], asked = 0, timer = 0;

    picker.querySelectorAll("[data-item-search], [data-default-button]").forEach((button) => button.remove());
    const list = element("ul", { id: `${input.id}-list`, role: "listbox", className: "item-options", hidden: true });
    list.setAttribute("aria-label", words.list);
    input.after(list);
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
      input.setAttribute(name, value);
    }

    input.addEventListener("input", () => {
      if (chosen.value) forget();
      clearTimeout(timer);
      close();
      status.textContent = "";
      asked += 1;
      if (input.value.trim().length >= SHORTEST) timer = setTimeout(() => search("person"), PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      const keys = { ArrowDown: () => move(+1), ArrowUp: () => move(-1), Enter: () => pick(options[active]), Escape: close };
      if (event.isComposing || event.altKey && event.key === "ArrowUp") return;
      if (list.hidden) {
        if (event.key === "ArrowDown" && input.value.trim().length >= SHORTEST) {
          event.preventDefault();
          search("person");
        }
      } else if (event.key in keys && (event.key !== "Enter" || active >= 0)) {
        event.preventDefault();
        keys[event.key]();
      }
    });
    input.addEventListener("blur", close);
    // Nothing takes the focus from the field while the list is used.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => pick(options[[...list.children].indexOf(event.target.closest("[role=option]"))]));
    shown.addEventListener("click", (event) => {
      if (!event.target.closest("[data-item-remove]")) return;
      event.preventDefault();
      forget();
      input.focus();
    });

    async function search(kind) {
      const text = input.value.trim(), turn = ++asked;
      status.textContent = words.searching;
      const found = await ask(kind, text);
      if (turn !== asked || document.activeElement !== input) return;
      open(found, kind, text);
    }

    async function ask(kind, text) {
      const query = new URLSearchParams({ q: text, kind }).toString();
      if (!known.has(query)) {
        try {
          const response = await fetch(`${words.source}?${query}`);
          if (!response.ok) throw new Error(response.status);
          const found = await response.json();
          if (found.missing) return found;
          known.set(query, found);
        } catch {
          return { items: [], missing: words.away };
        }
      }
      return known.get(query);
    }

    function open(found, kind, text) {
      options = [...found.items];
      if (kind === "person" && !found.missing && !text.includes("://")) options.push({ more: text });
      list.replaceChildren(...options.map(option));
      active = -1;
      const number = found.items.length;
      status.textContent = found.missing || (number ? words.found.replace("{number}", number) : words.nothing);
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      input.removeAttribute("aria-activedescendant");
    }

    function option(item, index) {
      const row = element("li", { id: `${list.id}-${index}`, role: "option" });
      row.setAttribute("aria-selected", "false");
      if (item.more) row.append(element("span", { className: "item-more", textContent: words.objects.replace("{text}", item.more) }));
      else row.append(...caption(item));
      return row;
    }

    function caption(item) {
      const title = element("bdi", { className: "item-title", textContent: item.title || item.url });
      if (item.lang) title.lang = item.lang;
      return [title, element("span", { className: "item-facts", textContent: [item.kind, item.details].filter(Boolean).join(" · ") })];
    }

    function move(by) {
      list.children[active]?.setAttribute("aria-selected", "false");
      active = (active + by + (active < 0 && by < 0 ? 1 : 0) + options.length) % options.length;
      const row = list.children[active];
      row.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    }

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function pick(item) {
      if (!item) return;
      close();
      if (item.more) {
        search("object");
        return;
      }
      input.value = item.title || input.value;
      chosen.value = item.id;
      const remove = element("button", { type: "button", className: "button is-secondary", textContent: words.remove });
      remove.dataset.itemRemove = "";
      const box = element("div", { className: "chosen-item" });
      // Our own markup, with the credit and the rights that have to stand beside a picture.
      box.innerHTML = item.card;
      box.append(remove);
      shown.replaceChildren(box);
      status.textContent = words.chosen.replace("{title}", item.title);
    }

    function forget() {
      chosen.value = "";
      shown.replaceChildren();
    }
  }

  function element(name, properties) {
    const { role, ...others } = properties;
    const made = Object.assign(document.createElement(name), others);
    if (role) made.setAttribute("role", role);
    return made;
  }
}
