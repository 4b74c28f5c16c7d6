"""Our site is away, slow or talks nonsense: a partner's page keeps what it had."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.counter_page import CALL, JSON, PetitionSite
from tests.partner_site import PartnerSite

NONSENSE = [
    "<!doctype html><title>Parked</title>",
    "",
    "null",
    "[]",
    "7",
    "{",
    '{"total": 5}',
    '{"total": "5", "closed": false}',
    '{"total": -1, "closed": false}',
    '{"total": 1.5, "closed": false}',
    '{"total": 1e400, "closed": false}',
    '{"total": 9007199254740993, "closed": false}',
    '{"total": {"toString": 1}, "closed": false}',
    '{"total": 5, "closed": "no"}',
    '{"total": 5, "goal": "many", "closed": false}',
    '{"total": 5, "goal": -5, "closed": false}',
    '{"__proto__": {"total": 5, "closed": false}}',
    json.dumps({"total": 5, "closed": False, "more": "x" * 5_000}),
    "x" * 5_000_000,
]


def settle(page: Page, site: PetitionSite, requests: int = 1) -> None:
    """Return when the counter was asked for so often, and the page has had time for what it got."""
    site.wait_for(JSON, requests)
    for _time in range(3):
        page.evaluate("() => fetch('/other').then(answer => answer.text())")


@pytest.mark.parametrize("body", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_leaves_the_plain_link_and_later_the_last_number(
    site: PetitionSite, visit: Callable[..., Page], body: str
) -> None:
    site.says(body, type="application/json")
    page = visit(site.link())
    settle(page, site)
    expect(page.locator("petition-counter")).to_have_count(0)
    expect(page.locator("a.petition-counter img")).to_be_visible()

    site.count(1234)
    page.clock.fast_forward("02:00")
    expect(page.locator(".figure")).to_have_text("1,234 signatures")
    site.says(body, type="application/json")
    page.clock.fast_forward("01:00")
    settle(page, site, 3)
    expect(page.locator(".figure")).to_have_text("1,234 signatures")


@pytest.mark.parametrize("status", [201, 204, 301, 400, 403, 429, 500, 502, 503])
def test_any_other_status_leaves_the_plain_link(site: PetitionSite, visit: Callable[..., Page], status: int) -> None:
    site.says(json.dumps({"total": 5, "closed": False}), status)
    page = visit(site.link())
    settle(page, site)

    expect(page.locator("a.petition-counter img")).to_be_visible()
    expect(page.locator("petition-counter")).to_have_count(0)


def test_a_site_that_fails_is_asked_less_and_less_but_not_given_up(
    site: PetitionSite, visit: Callable[..., Page]
) -> None:
    site.says("", 500)
    page = visit(site.link())
    settle(page, site)

    # 30 s, doubled with each failure up to ten minutes: no more than ten requests in an hour, no fewer than five.
    for _minute in range(60):
        page.clock.fast_forward("01:00")
        page.evaluate("() => fetch('/other')")
    assert 5 <= site.requests <= 11

    site.count(7)
    page.clock.fast_forward("11:00")
    expect(page.locator("b")).to_have_text("7")


def test_a_site_that_never_answers_is_let_go_after_ten_seconds(site: PetitionSite, visit: Callable[..., Page]) -> None:
    site.slow.add(JSON)
    page = visit(site.link())
    site.wait_for(JSON, 1)

    with page.expect_event("requestfailed") as failed:
        page.clock.fast_forward("00:11")

    assert failed.value.failure == "net::ERR_ABORTED"
    expect(page.locator("a.petition-counter img")).to_be_visible()
    site.slow.clear()
    page.clock.fast_forward("02:00")
    expect(page.locator("b")).to_have_text("1,234")


def test_a_site_that_is_down_leaves_the_plain_link(
    site: PetitionSite, museum: PartnerSite, visit: Callable[..., Page]
) -> None:
    page = visit(site.link().replace(f"{site.url}/en/", "http://down.localhost:1234/en/"))
    page.wait_for_function("!!customElements.get('petition-counter')")
    page.evaluate("() => fetch('/other')")

    expect(page.locator("a.petition-counter img")).to_be_visible()
    expect(page.locator("petition-counter")).to_have_count(0)


def test_a_blocked_script_leaves_the_badge_in_its_link(
    site: PetitionSite, museum: PartnerSite, visit: Callable[..., Page]
) -> None:
    site.answers.pop("/petition.js")
    page = visit(site.link())

    expect(page.locator("a.petition-counter img")).to_be_visible()
    assert page.locator("a.petition-counter").get_attribute("href") == f"{site.url}/en/calls/{CALL}?partner=museum"
    assert site.requests == 0


@pytest.mark.parametrize("href", ["javascript:alert(1)", "ftp://x/y", "http://[", "", "mailto:a@b.example"])
def test_a_link_to_elsewhere_stays_as_it_is(site: PetitionSite, visit: Callable[..., Page], href: str) -> None:
    page = visit(f'<a class="petition-counter" href="{href}" data-call="{CALL}">odd</a>{site.link()}')

    expect(page.locator("b")).to_have_text("1,234")
    expect(page.get_by_text("odd")).to_be_visible()
    expect(page.locator("petition-counter")).to_have_count(1)
