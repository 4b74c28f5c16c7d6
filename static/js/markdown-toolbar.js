// Buttons above a Markdown text: they write the marks around what is selected, and undo works as for typing.

for (const toolbar of document.querySelectorAll("[data-toolbar]")) {
  const area = document.getElementById(toolbar.dataset.toolbar);

  const insert = (start, end, text, from, to) => {
    area.focus();
    area.setSelectionRange(start, end);
    // Deprecated but the only way that keeps the browser's undo; where it fails the text is set.
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, start, end, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.setSelectionRange(from, to);
  };

  const wrap = (before, after) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    insert(start, end, before + chosen + after, start + before.length, start + before.length + chosen.length);
  };

  const prefix = (mark) => {
    const { selectionStart, selectionEnd: end, value } = area;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const text = value.slice(start, end).split("\n").map((line) => mark + line).join("\n");
    insert(start, end, text, start + mark.length, start + text.length);
  };

  const source = () => {
    const { selectionEnd: at, value } = area;
    const numbers = [...value.matchAll(/\[\^(\d+)\]/g)].map((found) => Number(found[1]));
    const number = Math.max(0, ...numbers) + 1;
    const note = `${value.endsWith("\n") ? "\n" : "\n\n"}[^${number}]: `;
    const text = `[^${number}]${value.slice(at)}${note}`;
    insert(at, value.length, text, at + text.length, at + text.length);
  };

  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { before, after, line } = button.dataset;
    if (button.dataset.source !== undefined) source();
    else if (line !== undefined) prefix(before);
    else wrap(before, after);
  });
  toolbar.hidden = false;
}
