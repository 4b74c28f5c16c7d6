// Shows how a text will look while it is written; the server renders it, as it renders the public page.

for (const place of document.querySelectorAll("[data-preview-of]")) {
  const form = place.closest("form[data-preview]");
  if (!form) continue;
  const area = document.getElementById(place.dataset.previewOf);
  let timer, asked = 0;

  const show = async () => {
    const turn = ++asked;
    const body = new URLSearchParams({
      csrf_token: form.elements.csrf_token.value,
      text: area.value,
      language: place.dataset.language,
    });
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body, redirect: "manual" });
      if (turn === asked && (answer.ok || answer.status === 422)) place.innerHTML = await answer.text();
    } catch {
      // Without a connection the last preview stays.
    }
  };

  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 700);
  });
  form.querySelector(`[data-preview-button][value="preview ${place.dataset.language}"]`).hidden = true;
}
