"""The counter on pages of other people: what it shows, and what it asks for."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.counter_page import JSON, POLICY, PetitionSite
from tests.partner_site import PartnerSite

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def asks(page: Page, site: PetitionSite, after: str) -> int:
    """Return how many requests a page makes in so much of its time; a second one would have been seen."""
    before = site.requests
    page.clock.fast_forward(after)
    page.evaluate("() => fetch('/other')")
    return site.requests - before


def test_a_link_becomes_a_counter(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    counter = page.locator("petition-counter")

    expect(counter.locator(".figure")).to_have_text("1,234 signatures of 2,000")
    expect(page.get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("link", name="Sign: Keep culture open")).to_have_attribute(
        "href", f"{site.url}/en/calls/open-culture?partner=museum"
    )
    assert counter.locator(".bar i").evaluate("bar => bar.style.width") == "61.7%"


def test_its_words_come_from_the_link(site: PetitionSite, visit: Callable[..., Page]) -> None:
    words = {"lang": "de", "label": "Unterschriften", "sign": "Mitzeichnen", "of": "von {goal}"}
    page = visit(site.link("large", **words))

    expect(page.locator(".figure")).to_have_text("1.234 Unterschriften von 2.000")
    expect(page.locator(".box")).to_have_attribute("lang", "de")
    expect(page.get_by_role("link", name="Mitzeichnen: Keep culture open")).to_be_visible()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"goal": "off"}, "1,234 signatures"),
        ({"lang": "not a language"}, "1234 signatures of 2000"),
        ({"label": "&lt;b&gt;", "of": "$& {goal}"}, "1,234 <b> $& 2,000"),
        ({"size": "huge", "theme": "x y", "accent": "red;}"}, "1,234 signatures of 2,000"),
    ],
)
def test_odd_attributes_do_no_harm(
    site: PetitionSite, visit: Callable[..., Page], data: dict[str, str], text: str
) -> None:
    page = visit(site.link(**data))

    expect(page.locator(".figure")).to_have_text(text)


@pytest.mark.parametrize(
    ("query", "data", "expected"),
    [("", {"partner": "museum"}, "?partner=museum"), ("?partner=a", {"partner": "b"}, "?partner=a"), ("", {}, "")],
)
def test_the_partner_is_named_once(
    site: PetitionSite, visit: Callable[..., Page], query: str, data: dict[str, str], expected: str
) -> None:
    page = visit(site.link(**data).replace("?partner=museum", query))

    expect(page.locator("petition-counter a")).to_have_attribute("href", f"{site.url}/en/calls/open-culture{expected}")


def test_a_link_without_a_badge_becomes_a_counter_too(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(f'<a class="petition-counter" href="{site.url}/x" data-call="open-culture">Open our culture</a>')

    expect(page.get_by_role("link", name="Sign: Open our culture")).to_be_visible()
    expect(page.locator("petition-counter")).to_have_css("width", "360px")


def test_a_site_with_the_strictest_policies_has_a_styled_counter(
    site: PetitionSite, museum: PartnerSite, visit: Callable[..., Page]
) -> None:
    museum.headers = {
        "Content-Security-Policy": POLICY.format(site=site.url),
        "Cross-Origin-Embedder-Policy": "require-corp",
    }
    page = visit(site.link())

    expect(page.locator("petition-counter .figure")).to_contain_text("1,234")
    box = page.locator("petition-counter").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (360, 56)


def test_the_request_says_nothing_about_the_reader(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    expect(page.locator("petition-counter")).to_be_visible()

    (headers,) = [headers for path, headers in site.asked if path == JSON]
    assert not {"Cookie", "Referer", "Authorization", "Access-Control-Request-Method"} & headers.keys()
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert {path for path, _headers in site.asked} == {"/petition.js", "/regular.svg", JSON}


def test_twenty_counters_ask_once(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("".join(f"<p>{site.link('small')}</p>" for _number in range(20)))

    expect(page.locator("petition-counter")).to_have_count(20)
    assert site.requests == 1
    page.clock.fast_forward("00:40")
    site.wait_for(JSON, 2)
    page.evaluate("() => fetch('/other')")
    assert site.requests == 2


def test_it_asks_again_while_somebody_looks(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    expect(page.locator("b")).to_have_text("1,234")
    assert asks(page, site, "00:20") == 0

    site.count(1235, 2000)
    page.clock.fast_forward("00:20")
    expect(page.locator("b")).to_have_text("1,235")

    page.evaluate(HIDE, True)
    assert asks(page, site, "10:00") == 0
    page.evaluate(HIDE, False)
    page.clock.fast_forward("00:01")
    site.wait_for(JSON, 3)


def test_it_asks_nothing_below_the_screen(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(f"<div style='height: 3000px'></div>{site.link()}")
    assert asks(page, site, "10:00") == 0

    page.locator("a.petition-counter").scroll_into_view_if_needed()
    expect(page.locator("b")).to_have_text("1,234")
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("petition-counter")).not_to_be_in_viewport()
    assert asks(page, site, "10:00") == 0


def test_a_screen_reader_is_told_rarely_and_only_news(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link() + site.link("small"))
    told = page.get_by_role("status")
    expect(page.locator("b")).to_have_text(["1,234", "1,234"])
    expect(told).to_have_text(["", ""])

    for total, minutes, words in [
        (1235, 1, ["", ""]),
        (1235, 5, ["", ""]),
        (1236, 1, ["1,236 signatures", ""]),
        (1237, 1, ["", ""]),
        (1238, 6, ["1,238 signatures", ""]),
    ]:
        site.count(total, 2000)
        page.clock.fast_forward(f"0{minutes}:00")
        expect(page.locator("b")).to_have_text([f"{total:,}"] * 2)
        expect(told).to_have_text(words)


def test_a_closed_call_says_so_and_is_asked_no_more(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link() + site.link(closed="Beendet"))
    expect(page.locator("b")).to_have_text(["1,234"] * 2)

    site.count(1240, 2000, closed=True)
    page.clock.fast_forward("01:00")

    expect(page.get_by_role("link", name="Closed: Keep culture open")).to_have_attribute(
        "href", f"{site.url}/en/calls/open-culture?partner=museum"
    )
    expect(page.get_by_role("link", name="Beendet: Keep culture open")).to_be_visible()
    expect(page.locator("b")).to_have_text(["1,240"] * 2)
    assert asks(page, site, "30:00") == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_removed_call_is_a_plain_link_again(site: PetitionSite, visit: Callable[..., Page], status: int) -> None:
    page = visit(site.link())
    expect(page.locator("petition-counter")).to_be_visible()

    site.says("gone", status)
    page.clock.fast_forward("01:00")

    expect(page.locator("petition-counter")).to_have_count(0)
    expect(page.locator("a.petition-counter img")).to_be_visible()
    assert asks(page, site, "30:00") == 0
    page.evaluate("() => document.querySelector('main').append(document.querySelector('a').cloneNode(true))")
    assert asks(page, site, "30:00") == 0
