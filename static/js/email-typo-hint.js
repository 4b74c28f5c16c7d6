// Asks whether a mail domain was mistyped; the question can be ignored. MAIL_PROVIDERS is generated from Python.

{
  document.querySelectorAll("[data-suggestion]").forEach(suggest);

  function suggest(place) {
    const field = place.closest(".field").querySelector("input");
    field.addEventListener("change", () => {
      const [, local, typed] = field.value.trim().match(/^([^@\s]+)@([^@\s]+)$/) ?? [];
      const meant = typed && nearest(typed.toLowerCase());
      place.replaceChildren();
      if (meant) ask(`${local}@${meant}`);
    });

    function ask(address) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = place.dataset.accept;
      button.addEventListener("click", () => {
        field.value = address;
        place.replaceChildren();
        field.focus();
      });
      place.append(place.dataset.question.replace("{address}", address), button);
    }
  }

  function nearest(typed) {
    if (MAIL_PROVIDERS.includes(typed)) return null;
    const most = typed.length < 8 ? 1 : 2;
    const near = MAIL_PROVIDERS.map((domain) => [distance(typed, domain), domain]).filter(([far]) => far <= most);
    return near.sort(([a], [b]) => a - b)[0]?.[1];
  }

  // How many letters to add, drop, change or swap.
  function distance(a, b) {
    if (Math.abs(a.length - b.length) > 2) return Infinity;
    const rows = [[...Array(b.length + 1).keys()]];
    for (let i = 1; i <= a.length; i++) {
      rows[i] = [i];
      for (let j = 1; j <= b.length; j++) {
        const change = a[i - 1] === b[j - 1] ? 0 : 1;
        rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[a.length][b.length];
  }
}
