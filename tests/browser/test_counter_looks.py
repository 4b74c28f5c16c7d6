"""The counter is readable for everybody, keeps its place on the page, and costs next to nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from petition.lib.accents import ACCENTS
from tests import axe
from tests.counter_page import JSON, SIZES, PetitionSite

PHONE = {"width": 320, "height": 640}
COLOURS = [colour for accent in ACCENTS.values() for colour in accent]
COLOURS += [f"#{red:02x}{green:02x}{blue:02x}" for red in (0, 119, 255) for green in (0, 118, 255) for blue in (0, 160)]

SHIFTS = """window.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))
    .observe({ type: "layout-shift", buffered: true });"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def everywhere(site: PetitionSite) -> str:
    """Return a counter of each size and theme."""
    return "".join(f"<p>{site.link(size, theme=theme)}</p>" for size in SIZES for theme in ("auto", "light", "dark"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(site: PetitionSite, visit: Callable[..., Page], scheme: str, width: int) -> None:
    body = everywhere(site) + "".join(site.link(accent=colour, theme="light") for colour in COLOURS[::5])
    page = visit(body, color_scheme=scheme, viewport={"width": width, "height": 4000})
    expect(page.locator("petition-counter")).to_have_count(9 + len(COLOURS[::5]))

    assert axe.look(page) == axe.NOTHING


def test_the_words_on_any_accent_can_be_read(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("".join(site.link("small", accent=colour) for colour in COLOURS))
    expect(page.locator("petition-counter")).to_have_count(len(COLOURS))

    pairs = page.locator("petition-counter a").evaluate_all(
        "links => links.map(getComputedStyle).map(style => [style.color, style.backgroundColor])"
    )
    assert min(_contrast(*pair) for pair in pairs) >= 4.5
    assert len({background for _colour, background in pairs}) == len(set(COLOURS))


@pytest.mark.parametrize("style", ["", "img { max-width: 100%; height: auto }", "img { display: block; margin: 12px }"])
@pytest.mark.parametrize("width", [320, 800])
def test_nothing_moves_when_the_badge_becomes_a_counter(
    site: PetitionSite, visit: Callable[..., Page], style: str, width: int
) -> None:
    body = "".join(f"<p>Before {site.link(size)} after</p><p>Below</p>" for size in ("small", "regular", "large"))
    answer = site.answers[JSON]
    site.says("", 500)
    head = f"<style>body {{ margin: 8px; font: 15px sans-serif }} {style}</style>"
    page = visit(body, head, SHIFTS, viewport={"width": width, "height": 900})
    page.wait_for_function("[...document.images].every((image) => image.naturalWidth)")
    site.wait_for(JSON, 1)
    for _time in range(3):
        page.evaluate("() => fetch('/other').then(answer => answer.text())")
    before = page.evaluate("[...document.querySelectorAll('p')].map((place) => place.getBoundingClientRect().top)")

    site.answers[JSON] = answer
    page.clock.fast_forward("02:00")
    expect(page.locator("petition-counter")).to_have_count(3)
    page.evaluate(FRAMES)

    after = page.evaluate("[...document.querySelectorAll('p')].map((place) => place.getBoundingClientRect().top)")
    assert after == pytest.approx(before, abs=0.5)
    assert page.evaluate("shifts.reduce((sum, value) => sum + value, 0)") < 0.001
    assert page.evaluate("document.documentElement.scrollWidth") <= max(width, 376)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("font", [16, 32])
def test_long_words_and_large_type_stay_inside(
    site: PetitionSite, visit: Callable[..., Page], size: str, font: int
) -> None:
    words = {"lang": "de", "label": "Unterschriften", "sign": "Jetzt unterschreiben", "of": "von {goal} gesammelt"}
    site.count(123_456_789, 200_000_000)
    page = visit(site.link(size, **words), viewport=PHONE)
    expect(page.locator("petition-counter")).to_be_visible()
    page.locator("petition-counter").evaluate(
        """(host, font) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`:host { font-size: ${font}px !important }`);
          host.shadowRoot.adoptedStyleSheets.push(sheet);
        }""",
        font,
    )

    assert (
        page.locator(".box").evaluate("""box => [...box.querySelectorAll("b, .label, a")].filter((part) => {
      const [inner, outer] = [part, box].map((element) => element.getBoundingClientRect());
      return inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
    }).map((part) => part.outerHTML)""")
        == []
    )


def test_keys_reach_the_link_and_show_it(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    expect(page.locator("petition-counter")).to_be_visible()

    page.keyboard.press("Tab")

    link = page.locator("petition-counter a")
    expect(link).to_be_focused()
    assert link.evaluate("link => getComputedStyle(link).outline").endswith("solid 3px")


def test_forced_colours_show_the_bar_and_the_edges(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link(), forced_colors="active")
    expect(page.locator("petition-counter")).to_be_visible()

    fill, ground, edge = page.locator(".box").evaluate(
        """box => [getComputedStyle(box.querySelector("i")).backgroundColor,
          getComputedStyle(box).backgroundColor, getComputedStyle(box.querySelector("a")).borderTopStyle]"""
    )
    assert fill != ground
    assert edge == "solid"
    assert axe.look(page) == axe.NOTHING


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_glides_for_who_wants_no_motion(site: PetitionSite, visit: Callable[..., Page], motion: str) -> None:
    page = visit(site.link(), reduced_motion=motion)

    expect(page.locator(".bar i")).to_have_css("transition-duration", "0s" if motion == "reduce" else "0.8s")


def test_twenty_counters_take_the_page_no_time(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("<p>Nothing yet</p>")
    page.wait_for_function("!!customElements.get('petition-counter')")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")

    def spent() -> float:
        found = {entry["name"]: entry["value"] for entry in devtools.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(found["ScriptDuration"] + found["LayoutDuration"] + found["RecalcStyleDuration"])

    before = spent()
    page.evaluate("html => document.querySelector('main').setHTMLUnsafe(html)", site.link("small") * 20)
    expect(page.locator("petition-counter")).to_have_count(20)
    page.evaluate(FRAMES)

    milliseconds = spent() - before
    print(f"20 counters: {milliseconds:.0f} ms of script, style and layout, Playwright's own included")
    assert milliseconds < 200


def _contrast(*colours: str) -> float:
    """Return the contrast of two colours written as ``rgb(1, 2, 3)``, as WCAG defines it."""
    lights = []
    for colour in colours:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)
