"""A person or an object is chosen in Europeana by keyboard, by hand, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from petition.domain import items
from petition.models import CallKind, Item
from tests import axe, factories
from tests.europeana_stub import FaultyStub, stub
from tests.factories import signatures
from tests.servers import Running

__all__ = ["stub"]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def form(live: Running, session: Session, new_page: Callable[..., Page], stub: FaultyStub) -> Callable[..., Page]:
    """Give a function that opens the form of a call for heroes on a phone."""
    factories.make_call(session, kind=CallKind.HERO)

    def open_form(**options: object) -> Page:
        page = new_page(**{"viewport": PHONE} | options)
        page.goto(f"{live.url}/en/calls/open-culture")
        return page

    return open_form


def _check(page: Page) -> None:
    assert axe.look(page) == axe.NOTHING


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_person_is_chosen_with_the_keyboard_alone(
    form: Callable[..., Page], session: Session, live: Running, dialect: str
) -> None:
    page = form()
    field = page.get_by_role("combobox", name="Your hero, heroine or object")
    page.get_by_label("Your name").fill("Suzie Signer")
    field.focus()

    page.keyboard.type("gas")
    expect(field).to_have_attribute("aria-expanded", "true")
    person, more = page.locator("[role=option]").all()
    expect(person).to_contain_text("Gaspard Leroy-Dubois")
    expect(more).to_contain_text("Search objects for “gas”")
    expect(page.locator("[data-item-status]")).to_contain_text("1 found")
    page.keyboard.press("ArrowDown")
    expect(person).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == person.get_attribute("id")
    _check(page)

    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("gas")

    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("[role=option]").first).to_contain_text("Plan of an ideal library")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Plan of an ideal library")
    expect(page.locator("[name=item]")).to_have_value("/9999999/stub_0010")
    expect(page.locator(".chosen-item")).to_contain_text("Demo Library of Plans")
    _check(page)

    # Another name is another person.
    field.focus()
    page.keyboard.type("x")
    expect(page.locator("[name=item]")).to_have_value("")
    expect(page.locator(".chosen-item")).to_have_count(0)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_was_chosen_is_signed_with_and_shown_before_it_counts(
    form: Callable[..., Page], session: Session, live: Running, dialect: str
) -> None:
    page = form()
    page.get_by_label("Your name").fill("Suzie Signer")
    page.get_by_label("Your e-mail address").fill("suzie@example.org")
    page.get_by_role("combobox", name="Your hero").press_sequentially("ada", delay=20)
    page.locator("[role=option]").first.click()
    page.get_by_label("Why?").fill("She saw everything.")
    page.get_by_label("Count my support").check()
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Sign and tell it").click()
    expect(page).to_have_url(f"{live.url}/en/calls/open-culture/check-mail")

    told = signatures(session)[0].told
    assert told and told.details == {"hero": "Ada Lindqvist-Morel", "item": "/agent/999001"}
    live.command("worker", "--once")
    session.rollback()
    chosen = items.find(session, "/agent/999001")
    assert isinstance(chosen, Item) and chosen.shows_picture


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_javascript_the_search_is_a_page_on_the_way(
    form: Callable[..., Page], session: Session, live: Running, dialect: str, scheme: str
) -> None:
    page = form(java_script_enabled=False, color_scheme=scheme)
    page.get_by_label("Your name").fill("Suzie Signer")
    page.get_by_label("Your e-mail address").fill("suzie@example.org")
    page.get_by_label("Why?").fill("Two\nlines")
    page.get_by_label("Your hero, heroine or object").fill("ada")
    page.get_by_role("button", name="Search in Europeana").click()

    expect(page.get_by_role("heading", name="Choose a person or an object")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Portrait of a reader").get_by_role("button", name="Choose").click()

    expect(page.get_by_label("Your hero, heroine or object")).to_have_value("Portrait of a reader")
    expect(page.get_by_label("Your name")).to_have_value("Suzie Signer")
    expect(page.get_by_label("Your e-mail address")).to_have_value("suzie@example.org")
    expect(page.get_by_label("Why?")).to_have_value("Two\nlines")
    expect(page.locator(".chosen-item")).to_contain_text("Public Domain Mark 1.0")
    # Enter in a field signs; it does not search. A form is taken after two seconds.
    page.wait_for_timeout(2000)
    page.get_by_label("Count my support").check()
    page.get_by_label("Your name").press("Enter")
    expect(page).to_have_url(f"{live.url}/en/calls/open-culture/check-mail")
    told = signatures(session)[0].told
    assert told and told.details["item"] == "/9999999/stub_0001" and told.text == "Two\nlines"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_search_with_and_without_europeana(
    form: Callable[..., Page], live: Running, stub: FaultyStub, dialect: str, scheme: str
) -> None:
    page = form(color_scheme=scheme)
    for fault in ("", "503"):
        stub.fault = fault
        for path in ("/en/items?q=ada", "/de/items?q=nothing", "/fr/items"):
            page.goto(live.url + path)
            _check(page)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_while_europeana_is_away_the_field_takes_a_name_and_says_what_is_missing(
    form: Callable[..., Page], stub: FaultyStub, dialect: str
) -> None:
    stub.fault = "503"
    page = form()
    field = page.get_by_role("combobox", name="Your hero")

    field.press_sequentially("ada")

    expect(page.locator("[data-item-status]")).to_contain_text("Europeana does not answer at the moment")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("ada")
