// Asks whether a mail domain was mistyped; the question can be ignored.

{
  document.querySelectorAll("[data-suggestion]").forEach(suggest);

  const BRANDS = ["yahoo", "hotmail", "outlook", "live", "gmx"];
  const ENDINGS = "com net ca eu fr de it es nl be at ch pl ie pt se dk fi gr cz hu ro co.uk".split(" ");
  const GREAT = (
    "gmail.com googlemail.com icloud.com me.com mac.com aol.com msn.com ymail.com mail.com email.com proton.me protonmail.com " +
    "web.de t-online.de freenet.de posteo.de orange.fr free.fr laposte.net wanadoo.fr sfr.fr libero.it wp.pl o2.pl onet.pl " +
    "seznam.cz abv.bg telenet.be skynet.be ziggo.nl kpnmail.nl sapo.pt eircom.net"
  ).split(" ").concat(BRANDS.flatMap((brand) => ENDINGS.map((ending) => `${brand}.${ending}`)));

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
    if (GREAT.includes(typed)) return null;
    const most = typed.length < 8 ? 1 : 2;
    const near = GREAT.map((domain) => [distance(typed, domain), domain]).filter(([far]) => far <= most);
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
