// The way to the form stays within reach at the bottom of a phone, and goes away while the form is in view.

{
  const bar = document.querySelector("[data-sign-bar]");
  const form = bar && document.querySelector(bar.hash);

  if (form) {
    const watch = new IntersectionObserver(
      ([entry]) => bar.classList.toggle("is-away", entry.isIntersecting),
      // What lies behind the bar is not in view.
      { rootMargin: `0px 0px -${bar.offsetHeight}px 0px` },
    );
    watch.observe(form);
  }
}
