"""The frame of organisers' pages works with the thumb, with keys alone, and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.organiser_site import OrganiserSite, organiser_site

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrganiserSite]:
    """Serve a site with organisers of each kind."""
    with organiser_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def organiser_page(site: OrganiserSite, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Give a function that opens the first page of an owner; it takes Playwright's context options."""

    def open_page(**options: object) -> Page:
        page = new_page(**options)
        site.sign_in(page.context, "owner")
        page.goto(f"{site.url}/organise/")
        return page

    return open_page


def test_a_phone_without_javascript_has_the_menu_and_changes_the_language(
    organiser_page: Callable[..., Page],
) -> None:
    page = organiser_page(viewport=PHONE, java_script_enabled=False)

    page.click(".bottom-menu summary")
    page.click(".bottom-sheet button[lang=de]")

    assert page.get_attribute("html", "lang") == "de"
    expect(page.locator(".bottom-bar summary")).to_be_in_viewport()
    page.click(".bottom-menu summary")
    page.click(".bottom-sheet button[lang=en]")
    assert page.get_attribute("html", "lang") == "en"


def test_a_question_mark_opens_the_list_of_keys_and_escape_closes_it(organiser_page: Callable[..., Page]) -> None:
    page = organiser_page()

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_keys_lead_to_places_unless_somebody_types_or_switched_them_off(
    site: OrganiserSite, organiser_page: Callable[..., Page]
) -> None:
    page = organiser_page()
    page.goto(f"{site.url}/organise/nothing-here")

    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/organise/")

    page.get_by_role("button", name="Keyboard").click()
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_everything_in_the_rail_is_reached_by_the_tab_key(organiser_page: Callable[..., Page]) -> None:
    page = organiser_page(viewport={"width": 1280, "height": 900})

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    assert page.locator(".bottom-bar").is_hidden()
    assert page.locator(".rail").is_visible()
