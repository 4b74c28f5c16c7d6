// Gives each frame with our form the height of what it holds, and brings an answer into view. It believes a message only
// from the very frame it is about, and only from the origin that the frame's address has.

{
  const MOST = 6000;

  addEventListener("message", ({ data, origin, source }) => {
    if (!source || typeof data !== "object" || data?.petition !== "frame") return;
    for (const frame of document.querySelectorAll("iframe.petition-form")) {
      if (frame.contentWindow !== source || new URL(frame.src, document.baseURI).origin !== origin) continue;
      const height = Number(data.height);
      if (height > 0) frame.height = Math.min(Math.ceil(height), MOST);
      if (data.answered === true && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    }
  });
}
