// Lets the same page in another language, links out of a frame, and a form that is sent again, say who brought people here and by which channel.

{
  const query = new URLSearchParams(location.search);
  const given = ["partner", "via"].filter((name) => query.has(name));
  for (const link of given.length ? document.querySelectorAll(".languages a, [data-credited]") : []) {
    const url = new URL(link.href);
    for (const name of given) url.searchParams.set(name, query.get(name));
    link.href = url.href;
  }
  for (const name of given) {
    const field = document.querySelector(`form#sign input[name=${name}]`);
    if (field && !field.value) field.value = query.get(name);
  }
}
