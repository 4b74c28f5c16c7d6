// Shows new letters of the demo by themselves, every two seconds while somebody is looking.

const EVERY = 2_000;

const box = document.querySelector("[data-mailbox]");
setInterval(() => document.hidden || refresh().catch(() => {}), EVERY);

async function refresh() {
  const answer = await fetch(location.pathname, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-mailbox]");
  if (!fresh || fresh.dataset.mailbox === box.dataset.mailbox) return;
  box.dataset.mailbox = fresh.dataset.mailbox;
  box.replaceChildren(...fresh.childNodes);
}
