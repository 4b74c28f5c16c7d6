"""The editor of a call in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from petition import db
from petition.domain import drafts
from petition.models import Call, Organiser
from tests.organiser_site import OrganiserSite, organiser_site
from tests.organisers import COOKIE


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OrganiserSite]:
    with organiser_site(tmp_path) as made:
        yield made


@pytest.fixture
def editor(site: OrganiserSite, new_page: Callable[..., Page]) -> Page:
    """Open the editor of a draft on a phone."""
    page = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page.context.add_cookies([{"name": COOKIE, "value": site.cookies["owner"], "url": site.url}])
    page.goto(f"{site.url}/organise/calls/{site.ids['draft']}/edit")
    return page


def asked(session: Session, site: OrganiserSite) -> str:
    session.rollback()
    call = session.get_one(Call, site.ids["draft"])
    return drafts.content_at(drafts.newest(session, call))["texts"]["en"]["ask"]


def test_a_draft_saves_itself_and_says_so_while_typing_goes_on(editor: Page, site: OrganiserSite) -> None:
    field = editor.get_by_label("What do you ask for?").first
    field.fill("Fund it by 2028.")
    expect(editor.get_by_role("status").first).to_contain_text("Saved at", timeout=30_000)
    field.press_sequentially(" And keep it.")

    expect(field).to_have_value("Fund it by 2028. And keep it.")
    assert asked(db.session, site) == "Fund it by 2028."


def test_somebody_else_who_saved_is_named_and_both_drafts_are_compared(editor: Page, site: OrganiserSite) -> None:
    call = db.session.get_one(Call, site.ids["draft"])
    last = drafts.newest(db.session, call)
    content = drafts.content_at(last)
    content["texts"]["en"]["ask"] = "Theirs."
    drafts.save(db.session, db.session.get_one(Organiser, site.ids["editor"]), call, content, last.number)
    db.session.commit()

    editor.get_by_label("What do you ask for?").first.fill("Mine.")
    expect(editor.get_by_role("status").first).to_contain_text("Ann Editor saved at", timeout=30_000)
    editor.get_by_role("button", name="Compare and choose").click()

    expect(editor.locator(".side ins").first).to_contain_text("Mine.")
    expect(editor.locator(".side del").first).to_contain_text("Theirs.")
    editor.get_by_role("button", name="Save what I chose").click()
    expect(editor.locator(".flash")).to_contain_text("The draft is saved.")
    assert asked(db.session, site) == "Mine."


def test_without_a_connection_what_is_typed_is_kept_in_the_tab(editor: Page, site: OrganiserSite) -> None:
    editor.route("**/autosave.json", lambda route: route.abort("internetdisconnected"))
    editor.get_by_label("What do you ask for?").first.fill("Typed in a tunnel.")
    expect(editor.get_by_role("status").first).to_contain_text("No connection", timeout=30_000)
    editor.reload()

    expect(editor.get_by_label("What do you ask for?").first).to_have_value("Typed in a tunnel.")
    expect(editor.get_by_role("status").first).to_contain_text("here again")


def test_the_toolbar_marks_and_the_preview_follows(editor: Page) -> None:
    body = editor.get_by_label("Reasons").first
    body.fill("open")
    body.select_text()
    editor.get_by_role("button", name="Bold").first.click()
    expect(body).to_have_value("**open**")
    editor.get_by_role("button", name="Source as a footnote").first.click()

    expect(editor.locator(".prose strong").first).to_contain_text("open")
    assert "[^1]: " in body.input_value()


def test_no_page_of_the_editor_is_wider_than_a_phone(editor: Page, site: OrganiserSite) -> None:
    ids = site.ids
    for path in (
        "campaigns",
        f"campaigns/{ids['campaign']}",
        f"campaigns/{ids['campaign']}/edit",
        f"calls/{ids['draft']}",
        f"calls/{ids['draft']}/edit",
    ):
        editor.goto(f"{site.url}/organise/{path}")
        assert editor.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
