"""The whole story on a phone: read, sign, open the letter, confirm, share, change one's mind."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from petition.lib.languages import INTERFACE
from tests.servers import Running

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
CALL = "keep-culture-open"

LOCALES = {"en": "en-GB", "fr": "fr-FR", "de": "de-DE"}


def fill(page: Page, name: str, email: str) -> None:
    """Fill the form as people do, not faster than they could."""
    page.locator("#name").fill(name)
    page.locator("#email").fill(email)
    page.locator("#country").select_option("NL")
    page.locator("#consent").check()
    page.locator("#show_name").check()


def press_until_accepted(page: Page) -> None:
    """Press the button; a program is too fast for the form, which then says so and takes the second try."""
    while page.url.endswith(("/sign", f"/calls/{CALL}")):
        page.locator("form#sign button[type=submit], form#sign button:not([type])").last.click()
        page.wait_for_load_state()
        if page.url.endswith("/sign"):
            expect(page.locator("#name")).not_to_have_value("")
            expect(page.locator("#consent")).to_be_checked()


def open_letter(page: Page, running: Running, email: str) -> None:
    """Find the newest letter to an address in the demo's mailbox; the worker may still be writing it."""
    letter = page.locator("li, tr", has_text=email).first

    page.goto(f"{running.url}/mailbox")
    for _attempt in range(50):
        if letter.count():
            break
        page.wait_for_timeout(200)
        page.reload()
    letter.locator("a").first.click()


def total(page: Page, running: Running) -> int:
    """Return the published total."""
    return int(page.request.get(f"{running.url}/counters/{CALL}.json").json()["total"])


def expect_total(page: Page, running: Running, number: int) -> None:
    """Wait until the published total is so much; it may be two seconds behind."""
    for _attempt in range(20):
        if total(page, running) == number:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the published total did not become {number}")


@pytest.mark.parametrize("lang", INTERFACE)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_citizen_reads_signs_confirms_shares_and_withdraws(
    demo: Running, new_page: Callable[..., Page], lang: str, javascript: bool
) -> None:
    options: dict[str, Any] = PHONE | {"locale": LOCALES[lang], "java_script_enabled": javascript}
    page, email = new_page(**options), f"suzie.{lang}.{javascript}@example.org".lower()
    before = total(page, demo)

    page.goto(demo.url)
    assert page.url == f"{demo.url}/{lang}/"
    page.locator(f"a[href='/{lang}/calls/{CALL}']").first.click()
    fill(page, "Suzie Signer", email)
    press_until_accepted(page)
    assert page.url == f"{demo.url}/{lang}/calls/{CALL}/check-mail"

    open_letter(page, demo, email)
    page.locator("a[href*='/confirm/']").first.click()
    expect(page.locator("main")).to_contain_text("Suzie Signer")
    expect_total(page, demo, before)
    page.locator("form#confirm button").click()
    page.wait_for_url(f"**/{lang}/me/**")
    expect_total(page, demo, before + 1)

    expect(page.locator("a[href^='https://wa.me/']")).to_be_visible()
    page.locator("#name").fill("Susanne Signer")
    page.locator("form[action$='/details'] button").click()
    expect(page.locator("#name")).to_have_value("Susanne Signer")

    page.locator("form[action$='/withdraw'] button").click()
    expect_total(page, demo, before)
    page.locator("form[action$='/restore'] button").click()
    expect_total(page, demo, before + 1)
    page.locator("details:has(form[action$='/erase']) summary").click()
    page.locator("form[action$='/erase'] button").click()
    expect_total(page, demo, before)


def letters(page: Page, running: Running, email: str) -> Locator:
    """Return the letters to an address in the demo's mailbox."""
    page.goto(f"{running.url}/mailbox")
    return page.locator("main li", has_text=email)


def test_the_typed_address_is_shown_and_the_same_form_is_sent_again(
    demo: Running, new_page: Callable[..., Page]
) -> None:
    page, email = new_page(**PHONE), "suzie.again@example.org"
    page.goto(f"{demo.url}/en/calls/{CALL}")
    fill(page, "Suzie Again", email)
    press_until_accepted(page)

    expect(page.locator("[data-typed]")).to_contain_text(email)
    assert email not in page.request.get(page.url).text()
    open_letter(page, demo, email)
    link = page.locator("a[href*='/confirm/']").first.get_attribute("href") or ""
    page.goto(f"{demo.url}/en/calls/{CALL}/check-mail")
    page.get_by_role("button", name="Send the e-mail again").click()
    page.wait_for_url("**/check-mail")
    expect(page.locator("[data-typed]")).to_contain_text(email)

    for _attempt in range(50):
        if letters(page, demo, email).count() == 2:
            break
        page.wait_for_timeout(200)
    expect(letters(page, demo, email)).to_have_count(2)
    letters(page, demo, email).first.locator("a").first.click()
    again = page.locator("a[href*='/confirm/']").first.get_attribute("href") or ""
    assert again.split("/")[-1].rsplit(".", 2)[0] == link.split("/")[-1].rsplit(".", 2)[0]
    page.goto(again)
    expect(page.locator("main")).to_contain_text("Suzie Again")
    expect(page.locator("main .notice")).to_have_count(0)


def test_a_page_that_was_open_while_another_tab_changed_the_words_counts_nothing(
    demo: Running, new_page: Callable[..., Page]
) -> None:
    page, email = new_page(**PHONE), "suzie.tabs@example.org"
    page.goto(f"{demo.url}/en/calls/{CALL}")
    fill(page, "Suzie Before", email)
    press_until_accepted(page)
    before = total(page, demo)
    open_letter(page, demo, email)
    page.goto(page.locator("a[href*='/confirm/']").first.get_attribute("href") or "")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_text("Change something first").click()
    other.locator("#name").fill("Suzie After")
    other.locator("form[action$='/words'] button").click()
    expect(other.get_by_role("status").first).to_contain_text("Saved")

    page.locator("form#confirm button").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was counted")
    expect(page.locator("main .description-list")).to_contain_text("Suzie After")
    expect_total(page, demo, before)
    page.locator("form#confirm button").click()
    page.wait_for_url("**/me/**")
    expect_total(page, demo, before + 1)


def test_the_open_page_refreshes_its_number_by_itself(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(**PHONE)
    page.clock.install()
    page.goto(f"{demo.url}/en/calls/{CALL}")
    answer = {"call": CALL, "confirmed": 4321, "paper": 0, "partner_reported": 0, "total": 4321, "goal": 5000}
    answer |= {"as_of": "2026-11-22T12:00:00.000+00:00", "closed": False, "today": 7}
    page.route("**/counters/*.json", lambda route: route.fulfill(json=answer))

    page.clock.run_for(11_000)

    expect(page.locator("main")).to_contain_text("4,321")
    expect(page.locator("main")).to_contain_text(re.compile("5,000"))
    expect(page.locator("[data-today]")).to_have_text("7 today")
    expect(page.locator(".sign-bar")).to_contain_text("4,321 of 5,000")


def test_a_likely_typing_mistake_gets_a_hint_that_can_be_accepted(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(**PHONE)
    page.goto(f"{demo.url}/en/calls/{CALL}")

    page.locator("#email").fill("suzie@gmial.com")
    page.locator("#email").blur()
    page.get_by_role("button", name="Yes, use this address").click()

    expect(page.locator("#email")).to_have_value("suzie@gmail.com")


def test_faults_are_listed_on_top_with_links_and_take_the_focus(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(**PHONE)
    page.goto(f"{demo.url}/en/calls/{CALL}")
    page.locator("form#sign button[type=submit], form#sign button:not([type])").last.click()

    expect(page).to_have_title(re.compile("^Error:"))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.locator("#name")).to_be_focused()
