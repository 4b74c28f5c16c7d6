"""The counter on pages of other people: what it shows, what it asks for, and what it leaves alone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.counter_page import JSON, POLICY, PetitionSite, opened
from tests.partner_site import PartnerSite

# No script can keep a browser from saying these when a site is away.
BY_THE_BROWSER = ("Failed to load resource:", "Access to fetch at")


@pytest.fixture
def site() -> Iterator[PetitionSite]:
    """Run a stand-in for our site."""
    with PetitionSite() as running:
        yield running


@pytest.fixture
def museum() -> Iterator[PartnerSite]:
    """Run the site of a partner."""
    with PartnerSite() as running:
        yield running


@pytest.fixture
def console() -> Iterator[list[str]]:
    """Give what pages write to their console but for the browser's own lines about requests; it has to be nothing."""
    lines: list[str] = []
    yield lines
    assert [line for line in lines if not line.startswith(BY_THE_BROWSER)] == []


@pytest.fixture
def visit(
    new_page: Callable[..., Page], site: PetitionSite, museum: PartnerSite, console: list[str]
) -> Callable[..., Page]:
    """Give a function that opens the partner's page with this body."""

    def open_page(body: str, head: str = "", **options: object) -> Page:
        museum.html = site.page(body, head)
        page = opened(new_page(**options))
        page.on("console", lambda message: console.append(message.text))
        page.goto(museum.url)
        return page

    return open_page


def test_a_link_becomes_a_counter(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    counter = page.locator("petition-counter")

    expect(counter.locator(".figure")).to_have_text("1,234 signatures of 2,000")
    expect(page.get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("link", name="Sign: Keep culture open")).to_have_attribute(
        "href", f"{site.url}/en/calls/open-culture?partner=museum"
    )
    assert counter.locator(".bar i").evaluate("bar => bar.style.width") == "61.7%"


def test_a_site_with_the_strictest_policy_has_a_styled_counter(
    site: PetitionSite, museum: PartnerSite, visit: Callable[..., Page]
) -> None:
    museum.headers = {"Content-Security-Policy": POLICY.format(site=site.url)}
    page = visit(site.link())

    expect(page.locator("petition-counter .figure")).to_contain_text("1,234")
    assert page.locator("petition-counter").bounding_box() | {"x": 0, "y": 0} == {
        "x": 0,
        "y": 0,
        "width": 360,
        "height": 56,
    }


def test_the_request_says_nothing_about_the_reader(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    expect(page.locator("petition-counter")).to_be_visible()

    (headers,) = [headers for path, headers in site.asked if path == JSON]
    assert not {"Cookie", "Referer", "Authorization"} & headers.keys()
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


def test_twenty_counters_ask_once(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("".join(f"<p>{site.link('small')}</p>" for _number in range(20)))

    expect(page.locator("petition-counter")).to_have_count(20)
    assert site.requests == 1
