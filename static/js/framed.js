// Tells the page around the frame how high this page is, and when it is an answer that people should see. Nothing else
// of what is in the frame leaves it. In a sandbox without an origin nothing could be sent: there a link takes its place.

if (self.origin === "null") {
  const instead = document.querySelector("[data-instead]");
  if (instead) {
    document.querySelector("#sign").closest("section").remove();
    instead.hidden = false;
  }
}

if (parent !== self) {
  const main = document.querySelector("main");
  const tell = (news) => parent.postMessage({ petition: "frame", ...news }, "*");
  const measure = () => tell({ height: Math.ceil(main.getBoundingClientRect().bottom + scrollY) });
  new ResizeObserver(measure).observe(main);
  if (main.hasAttribute("data-answer")) tell({ answered: true });
}
