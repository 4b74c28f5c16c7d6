// Shows which address was typed, and offers to send the form again as it was. Both are known to this tab only.

const typed = JSON.parse(sessionStorage.getItem("petition.typed") ?? "null");
const isRecent = typed && Date.now() - typed.at < 30 * 60 * 1000;
if (typed && !isRecent) sessionStorage.removeItem("petition.typed");

if (isRecent) {
  const place = document.querySelector("[data-typed]");
  const [before, after] = place.textContent.split("{address}");
  const address = document.createElement("strong");
  address.textContent = typed.fields.find(([name]) => name === "email")?.[1] ?? "";
  place.replaceChildren(before, address, after ?? "");
  place.hidden = false;

  const form = document.querySelector("[data-again]");
  if (new URL(form.action).pathname.startsWith(typed.path)) {
    for (const [name, value] of typed.fields) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    form.hidden = false;
  }
}
