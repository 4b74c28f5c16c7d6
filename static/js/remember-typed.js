// Lets the next page in this tab say which address was typed, and send the form again as it was. What is kept here
// never leaves the tab but with the form, and is forgotten with the tab or after half an hour.

{
  for (const form of document.querySelectorAll("form#sign")) {
    form.addEventListener("submit", () => {
      const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
      const typed = { at: Date.now(), path: location.pathname, fields };
      sessionStorage.setItem("petition.typed", JSON.stringify(typed));
    });
  }
}
