"""A story of each kind on a phone: told, confirmed, approved, changed, withdrawn; and what all others see of it."""

import time
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.models import Call, CallKind, Role, Story
from tests import factories
from tests.europeana_stub import FaultyStub, stub
from tests.journeys.test_live import letters, links
from tests.organisers import COOKIE, join, make_organiser, make_team, open_session
from tests.servers import MailServer, Running, fetch, second

__all__ = ["stub"]

PHONE = {"width": 390, "height": 844}
CALL = "/en/calls/open-culture"
# What is taken back is gone from every process so soon.
WITHIN = 2.0


class Telling(NamedTuple):
    """What is told: the label of the text, both texts, the kind's own fields by label, and what is shown of them."""

    kind: CallKind
    label: str
    text: str
    newer: str
    fields: dict[str, str]
    shown: tuple[str, ...]
    stays: bool


TELLINGS = {
    "petition": Telling(
        CallKind.PETITION, "Your reason", "Archives are ours.", "Archives belong to all.", {}, (), stays=True
    ),
    "dream": Telling(
        CallKind.DREAM,
        "Your dream",
        "Every village has a library.",
        "Every street has a library.",
        {
            "In which year?": "2040",
            "Where you work or belong": "A school",
            "Link to a video": "https://video.example/1",
        },
        ("2040", "A school", "video.example"),
        stays=False,
    ),
    "hero": Telling(
        CallKind.HERO,
        "Why?",
        "She saw everything.",
        "She saw what others missed.",
        {"I am …": "curious about everything"},
        ("Ada Lindqvist-Morel", "curious about everything"),
        stays=True,
    ),
    "practice": Telling(
        CallKind.PRACTICE,
        "What was done?",
        "We opened the depot.",
        "We opened the depot every night.",
        {
            "Who benefited?": "Two hundred pupils",
            "Organisation": "City museum",
            "Sector": "Museum",
            "Link to the evidence": "https://evidence.example/report",
            "When?": "2025-03-09",
        },
        ("Two hundred pupils", "Culture connects people", "City museum", "Museum", "evidence.example", "9 March 2025"),
        stays=False,
    ),
}


class Public:
    """What anybody gets of a story from two processes: its page, the wall, the feed, the JSON and the share card."""

    def __init__(self, sites: tuple[Running, ...], story_id: int) -> None:
        page = f"/en/stories/{story_id}"
        lists = (f"{CALL}/stories", f"{CALL}/stories.atom", "/api/v1/calls/open-culture/stories")
        self._pages, self._cards = ([site.url + path for site in sites] for path in (page, f"{page}/card.png"))
        self._lists = [site.url + path for site in sites for path in lists]
        self._seen: dict[str, bytes] = {}

    def shows(self, text: str, *others: str) -> None:
        """Within two seconds everything has the text and none of the others; the share card is one and the same."""
        until = time.monotonic() + WITHIN
        for url in self._pages + self._lists:
            _wait(url, until, lambda status, body: status == 200 and _has(body, text) and not _has(body, *others))
        earlier = [card for said, card in self._seen.items() if said != text]
        for url in self._cards:
            card = _wait(url, until, lambda status, body: status == 200 and body not in earlier)
            assert self._seen.setdefault(text, card) == card
            assert Image.open(BytesIO(card)).size == (1200, 630)

    def is_without(self, *texts: str) -> None:
        """Within two seconds nothing has any of the texts; the page and the share card are not there."""
        until = time.monotonic() + WITHIN
        for url in self._pages + self._cards:
            _wait(url, until, lambda status, _body: status == 404)
        for url in self._lists:
            _wait(url, until, lambda status, body: status == 200 and not _has(body, *texts))


def _has(body: bytes, *texts: str) -> bool:
    return any(text.encode() in body for text in texts)


def _wait(url: str, until: float, is_so: Callable[[int, bytes], bool]) -> bytes:
    while True:
        is_late = time.monotonic() > until
        status, body = fetch(url)
        if is_so(status, body):
            return body
        assert not is_late, (url, status, body)
        time.sleep(0.05)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "has_scripts"),
    [("petition", False), ("dream", False), ("hero", False), ("practice", False), ("hero", True)],
)
def test_a_story_is_told_read_changed_and_taken_back(
    live: Running,
    session: Session,
    smtp: MailServer,
    new_page: Callable[..., Page],
    stub: FaultyStub,
    dialect: str,
    name: str,
    has_scripts: bool,
) -> None:
    told, team, bob = TELLINGS[name], make_team(session), make_organiser(session, "Bob")
    join(session, team, bob, Role.MODERATOR)
    call = factories.make_call(session, kind=told.kind, team=team)
    phone = {"viewport": PHONE, "java_script_enabled": has_scripts}
    suzie, moderator = new_page(**phone), new_page(**phone)
    cookie = {"name": COOKIE, "value": open_session(session, bob), "url": live.url}
    moderator.context.add_cookies([cookie])  # type: ignore[list-item]
    queue = f"{live.url}/organise/teams/{team.id}/stories"

    tell(suzie, live, told, has_scripts)
    confirm(suzie, smtp, told)
    with second(live) as other:
        public = Public((live, other), story_id(session, call))
        public.is_without(told.text)

        approve(moderator, queue, told.text, told.shown)
        public.shows(told.text)
        read(suzie, live, told)

        change(suzie, told)
        public.shows(told.text, told.newer) if told.stays else public.is_without(told.text, told.newer)
        approve(moderator, queue, told.newer, told.shown)
        public.shows(told.newer, told.text)

        suzie.get_by_role("button", name="Withdraw my signature").click()
        expect(suzie.get_by_role("heading", name="You have withdrawn")).to_be_visible()
        public.is_without(told.text, told.newer)


def tell(page: Page, live: Running, told: Telling, has_scripts: bool) -> None:
    """Fill in the form of the call, and send it."""
    page.goto(live.url + CALL)
    page.get_by_label("Your name").fill("Suzie Signer")
    page.get_by_label("Your e-mail address").fill("suzie@example.org")
    page.get_by_label("Country (optional)").select_option("NL")
    if told.kind == CallKind.HERO:
        find(page, has_scripts)
    if told.kind == CallKind.PETITION:
        page.locator("form#sign summary").click()
    page.get_by_role("textbox", name=told.label).fill(told.text)
    for label, value in told.fields.items():
        field = page.get_by_label(label)
        field.select_option(label=value) if field.evaluate("field => field.tagName") == "SELECT" else field.fill(value)
    if told.kind == CallKind.PRACTICE:
        page.get_by_label("Culture connects people").check()
    page.get_by_label("You may publish this").check()
    page.get_by_label("Name beside the text").fill("Suzie S.")
    page.get_by_label("CC BY 4.0").check()
    page.get_by_label("Count my support").check()
    # A form is taken after two seconds.
    page.wait_for_timeout(2000)
    page.locator("form#sign").get_by_role("button", name="Sign").last.click()
    expect(page).to_have_url(f"{live.url}{CALL}/check-mail")


def find(page: Page, has_scripts: bool) -> None:
    """Choose a person in Europeana: from the list below the field, or on the page of the search."""
    field = page.get_by_label("Your hero, heroine or object")
    if has_scripts:
        field.press_sequentially("ada", delay=20)
        page.locator("[role=option]").first.click()
    else:
        field.fill("ada")
        page.get_by_role("button", name="Search in Europeana").click()
        person = page.get_by_role("listitem").filter(has_text="Ada Lindqvist-Morel").first
        person.get_by_role("button", name="Choose").click()
    expect(field).to_have_value("Ada Lindqvist-Morel")


def confirm(page: Page, smtp: MailServer, told: Telling) -> None:
    """Open the letter's link, read what will be counted, and confirm it."""
    (letter,) = letters(smtp, 1)
    page.goto(next(link for link in links(letter) if "/confirm/" in link))
    words = page.locator("main .description-list")
    for text in ("Suzie Signer", "Netherlands", told.text, *told.shown, "English", "Suzie S.", "CC BY 4.0"):
        expect(words).to_contain_text(text)
    page.get_by_role("button", name="Confirm my signature").click()
    expect(page.locator("#told + .notice")).to_contain_text("It waits for a moderator.")


def approve(page: Page, queue: str, text: str, shown: tuple[str, ...]) -> None:
    """Read what waits, all of it, and approve it."""
    page.goto(queue)
    story = page.locator(".story-desk")
    for words in (text, *shown, "Suzie S.", "CC BY 4.0"):
        expect(story).to_contain_text(words)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing waits", exact=True)).to_be_visible()


def read(page: Page, live: Running, told: Telling) -> None:
    """Find the story on the wall, open it, and come back to the author's own page."""
    page.reload()
    own = page.url
    expect(page.locator("#told + .notice")).to_contain_text("It is public.")
    page.goto(f"{live.url}{CALL}/stories")
    page.locator(".story-card", has_text=told.text).get_by_role("link").click()
    expect(page.locator(".story-page .story-text")).to_have_text(told.text)
    for text in (*told.shown, "Suzie S.", "Netherlands", "English"):
        expect(page.locator(".story-page article")).to_contain_text(text)
    page.goto(own)


def change(page: Page, told: Telling) -> None:
    """Write other words, which wait; what is public stays meanwhile, or goes."""
    page.locator("summary", has_text="Change it").click()
    form = page.locator("form[action$='/story']")
    form.get_by_role("textbox", name=told.label).fill(told.newer)
    if not told.stays:
        form.locator("[name=is_hidden]").check()
    form.get_by_role("button", name="Save").click()
    waits = "your new one waits for a moderator." if told.stays else "It waits for a moderator."
    expect(page.locator("#told + .notice")).to_contain_text(waits)


def story_id(session: Session, call: Call) -> int:
    session.rollback()
    return session.scalars(select(Story.id).where(Story.call_id == call.id)).one()
