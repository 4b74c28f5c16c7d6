"""The wall and its stories in a real browser: on a phone, without JavaScript, back and forth, free of axe's faults."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from petition.models import CallKind
from tests import axe
from tests.factories import make_call
from tests.servers import Running
from tests.stories import publish

WALL = "/en/calls/open-culture/stories"
TEXTS = (
    ("nl", "NL", "Iedereen leest in elke taal wat ooit geschreven is, en niemand hoeft ervoor te betalen."),
    ("fr", "BE", "Je rêve d’un musée sans murs, ouvert la nuit."),
    ("el", "GR", "Ονειρεύομαι μια βιβλιοθήκη σε κάθε νησί."),
    ("bg", "BG", "Мечтая за архив, в който всеки намира своите."),
    ("de", "DE", "W" * 300),
    ("en", None, "Short."),
)


def publish_all(session: Session, count: int = len(TEXTS)) -> list[int]:
    call = make_call(session, kind=CallKind.HERO)
    ids = []
    for number in range(count):
        language, country, text = TEXTS[number % len(TEXTS)]
        hero = {"hero": f"Hero {number % 8}", "tagline": "curious"}
        story = publish(session, call, text=f"{number}. {text}", language=language, country=country, details=hero)
        ids.append(story.story_id)
    return ids


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone(
    dialect: str, live: Running, session: Session, new_page: Callable[..., Page], scheme: str
) -> None:
    story_id = publish_all(session)[1]
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)

    for path in (WALL, WALL + "?language=mt", WALL + "?after=x", WALL + "?hero=hero1", f"/en/stories/{story_id}"):
        page.goto(live.url + path)
        report = axe.look(page)
        assert report.startswith("Found 0 accessibility violations"), (path, report)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    for path in ("/en/calls/open-culture/heroes", "/en/stories", "/en/stories/999"):
        page.goto(live.url + path)
        report = axe.look(page)
        assert report.startswith("Found 0 accessibility violations"), (path, report)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_back_button_leads_back_without_javascript(
    dialect: str, live: Running, session: Session, new_page: Callable[..., Page]
) -> None:
    publish_all(session, 50)
    page = new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)

    page.goto(live.url + WALL)
    expect(page.locator(".wall > li")).to_have_count(24)
    first = page.locator(".story-text").first.inner_text()
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".wall > li")).to_have_count(2)
    page.go_back()
    expect(page.locator(".wall > li")).to_have_count(24)
    page.go_back()
    expect(page.locator(".story-text").first).to_have_text(first)
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Newer").click()
    expect(page.locator(".story-text").first).to_have_text(first)

    page.locator(".filter summary").first.click()
    page.locator(".filter").first.get_by_role("link", name="français").click()
    expect(page.locator(".story-text[lang=fr]")).to_have_count(9)
    page.locator(".story-card a").first.click()
    expect(page.locator(".story-page .story-text")).to_contain_text("Je rêve")
    page.get_by_role("link", name="More stories").click()
    expect(page.locator(".wall > li")).to_have_count(24)
