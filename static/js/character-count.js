// Shows how many characters of a field are used, once there is one.

for (const place of document.querySelectorAll("[data-count]")) {
  const field = document.getElementById(place.dataset.count);
  const show = () => {
    const used = field.value.length;
    place.hidden = used === 0;
    place.textContent = place.dataset.words.replace("{used}", used).replace("{most}", field.maxLength);
  };
  field.addEventListener("input", show);
  show();
}
