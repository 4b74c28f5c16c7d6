"""The queue of stories in a real browser: moderated with the keyboard alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, func, select

from petition import db
from petition.models import Story, StoryDecision
from tests import axe
from tests.browser.moderation_film import STORIES, moderate, tell
from tests.organiser_site import OrganiserSite, organiser_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OrganiserSite]:
    with organiser_site(tmp_path) as running:
        yield running


@pytest.fixture
def queue(site: OrganiserSite, new_page: Callable[..., Page]) -> Page:
    page = new_page(viewport={"width": 1280, "height": 900})
    site.sign_in(page.context, "owner")
    return page


def test_twenty_stories_are_moderated_with_the_keyboard_alone(site: OrganiserSite, queue: Page) -> None:
    tell(site)
    db.session.execute(delete(StoryDecision))
    db.session.commit()

    moderate(queue, site)

    db.session.rollback()
    counted = db.session.execute(
        select(StoryDecision.decision, func.count())
        .where(StoryDecision.undone_at.is_(None))
        .group_by(StoryDecision.decision)
    )
    assert {decision.value: number for decision, number in counted} == {"approve": 14, "refuse": 4, "ask": 2}
    assert sum([14, 4, 2]) == STORIES


def test_who_reads_a_story_keeps_it_and_an_open_reason_takes_the_focus(site: OrganiserSite, queue: Page) -> None:
    queue.goto(f"{site.url}/organise/teams/{site.ids['team']}/stories/{site.ids['story']}")
    expect(queue.locator(".keep")).to_contain_text("Yours for five minutes")
    db.session.rollback()
    assert db.session.get_one(Story, site.ids["story"]).locked_by == site.ids["owner"]

    queue.keyboard.press("r")
    expect(queue.get_by_label("Not about the call")).to_be_focused()
    assert axe.look(queue) == axe.NOTHING
    queue.keyboard.press("Escape")

    expect(queue.locator("summary", has_text="Refuse")).to_be_focused()
    queue.keyboard.press("e")
    queue.keyboard.press("Tab")
    queue.keyboard.press("Enter")
    expect(queue.get_by_text("Please write what the author should change.").first).to_be_visible()
    assert axe.look(queue) == axe.NOTHING
