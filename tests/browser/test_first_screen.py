"""The first screen: what a stranger sees of a call before scrolling, and what never hides what."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from petition.lib.languages import INTERFACE
from tests.servers import Running

PHONE = {"width": 390, "height": 664}
LAPTOP = {"width": 1366, "height": 768}
CALL = "keep-culture-open"
PAGES = ("", f"calls/{CALL}", "calls/keep-culture-open-2013", "campaigns/allezculture", "privacy", "imprint", "nothing")


def bottom(locator: Locator) -> float:
    """Return how far below the top of the window something ends."""
    box = locator.bounding_box()
    assert box
    return box["y"] + box["height"]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("lang", INTERFACE)
def test_a_phone_shows_hashtag_ask_number_and_a_way_to_sign_without_scrolling(
    demo: Running, new_page: Callable[..., Page], lang: str, javascript: bool
) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=javascript)
    page.goto(f"{demo.url}/{lang}/calls/{CALL}")

    for part in (".hashtag", "h1", "[data-number]", "a[href='#sign']"):
        expect(page.locator(part).first).to_be_visible()
        assert bottom(page.locator(part).first) <= PHONE["height"], part


@pytest.mark.parametrize("lang", INTERFACE)
def test_a_laptop_shows_the_whole_form_with_its_button(demo: Running, new_page: Callable[..., Page], lang: str) -> None:
    page = new_page(viewport=LAPTOP)
    page.goto(f"{demo.url}/{lang}/calls/{CALL}")

    assert bottom(page.locator("#sign button[type=submit]")) <= LAPTOP["height"]
    page.mouse.wheel(0, 600)
    page.wait_for_timeout(300)
    box = page.locator("#name").bounding_box()
    assert box and box["y"] >= 0
    assert bottom(page.locator("#sign button[type=submit]")) <= LAPTOP["height"]


def test_the_bar_goes_away_while_the_form_is_in_view(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE)
    page.goto(f"{demo.url}/en/calls/{CALL}")
    bar = page.locator(".sign-bar")

    bar.click()
    expect(bar).to_be_hidden()
    expect(page.locator("#name")).to_be_in_viewport(ratio=1)
    expect(page.locator("#sign-title")).to_be_in_viewport(ratio=1)

    page.locator(".site-footer").scroll_into_view_if_needed()
    expect(bar).to_be_visible()
    page.evaluate("scrollTo(0, 0)")
    expect(bar).to_be_visible()


def test_what_has_the_focus_is_never_under_the_bar(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE)
    page.goto(f"{demo.url}/en/calls/{CALL}")

    for _press in range(70):
        page.keyboard.press("Tab")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        covered = page.evaluate(
            "() => { const bar = document.querySelector('.sign-bar').getBoundingClientRect(), on = document.activeElement,"
            " box = on.getBoundingClientRect();"
            " return bar.height > 0 && !on.matches('.sign-bar, body') && box.bottom > bar.top && box.top < bar.bottom"
            " ? on.outerHTML : null }"
        )
        assert covered is None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", INTERFACE)
def test_text_twice_as_large_still_fits_a_phone(
    demo: Running, new_page: Callable[..., Page], lang: str, path: str
) -> None:
    page = new_page(viewport=PHONE)
    page.goto(f"{demo.url}/{lang}/{path}")

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_summary_leads_to_a_field_whose_label_and_error_can_be_seen(
    demo: Running, new_page: Callable[..., Page], size: dict[str, int]
) -> None:
    page = new_page(viewport=size)
    page.goto(f"{demo.url}/en/calls/{CALL}")
    page.locator("#sign button[type=submit]").click()

    for field in ("name", "email", "consent"):
        page.locator(f".error-summary a[href='#{field}']").click()
        expect(page.locator(f"#{field}")).to_be_focused()
        expect(page.locator(f"label[for='{field}']")).to_be_in_viewport(ratio=1)
        expect(page.locator(f"#{field}-error")).to_be_in_viewport(ratio=1)


def test_the_reason_opens_where_there_is_something_to_see(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(f"{demo.url}/en/calls/{CALL}")
    expect(page.locator("#story")).to_be_hidden()

    page.locator(".reason summary").click()
    page.locator("#story").fill("Because it is ours.")
    page.locator("#sign button[type=submit]").click()

    expect(page.locator("#story")).to_have_value("Because it is ours.")
    expect(page.locator("#story")).to_be_visible()
