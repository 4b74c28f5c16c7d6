"""What changed on a published call, and its picture where people share it, in a real browser."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from petition import db
from petition.domain import campaigns, drafts, publishing
from petition.models import Call, CallKind, Organiser, Team, empty_text
from tests import axe
from tests.organiser_site import OrganiserSite, organiser_site
from tests.picture_files import saved

# By language: the words, with a typo in the reasons; what is corrected, as before and after; what screen readers hear.
TITLES = {"en": "Keep museums open", "fr": "Gardons les musées ouverts", "de": "Haltet die Museen offen"}
ASKS = {"en": "Pay for a year.", "fr": "Payez une année.", "de": "Bezahlt ein Jahr."}
REASONS = {"en": "They are uors to keep.", "fr": "Ils sont à nuos tous.", "de": "Sie gehören usn allen."}
TYPOS = {"en": ("uors", "ours"), "fr": ("nuos", "nous"), "de": ("usn", "uns")}
CORRECTIONS = {"en": ("a year", "ten years"), "fr": ("une année", "dix années"), "de": ("ein Jahr", "zehn Jahre")}
SPOKEN = {"en": ("removed:", "added:"), "fr": ("supprimé", "ajouté"), "de": ("entfernt:", "hinzugefügt:")}
CHANGED = {"en": "Changed on", "fr": "Modifié le", "de": "Geändert am"}
NOTE = "A year was never enough; we wrote it by mistake."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OrganiserSite]:
    """Serve a site with organisers of each kind."""
    with organiser_site(tmp_path) as running:
        yield running


@pytest.fixture
def call(site: OrganiserSite) -> Call:
    """Give a call in three languages that an editor wrote and published."""
    session = db.session
    ann, team = session.get_one(Organiser, site.ids["editor"]), session.get_one(Team, site.ids["team"])
    campaign = campaigns.start(session, ann, team, title="Museums", hashtag="#Museums", language="en", reserved=set())
    call = drafts.start(session, ann, campaign, kind=CallKind.PETITION, titles=TITLES, reserved=set())
    session.commit()
    parliament = [{"name": "The Parliament", "kind": "institution", "url": ""}]
    words = {
        code: {
            **empty_text(title),
            "addressees": parliament,
            "ask": ASKS[code],
            "body": REASONS[code],
            "share_text": title,
        }
        for code, title in TITLES.items()
    }
    publish(session, ann, call, words)
    return call


def publish(session: Session, ann: Organiser, call: Call, words: dict[str, dict[str, Any]], note: str = "") -> None:
    """Change words in the draft and publish it."""
    last = drafts.newest(session, call)
    content: Any = drafts.content_at(last)
    for code, changed in words.items():
        content["texts"][code] |= changed
    revision = drafts.save(session, ann, call, content, last.number)
    publishing.publish(session, ann, call, revision=revision.number, note=note)
    session.commit()


def test_each_language_shows_word_by_word_what_changed(
    site: OrganiserSite, call: Call, new_page: Callable[..., Page]
) -> None:
    session, ann = db.session, db.session.get_one(Organiser, site.ids["editor"])
    publish(session, ann, call, {code: {"body": REASONS[code].replace(*TYPOS[code])} for code in TITLES}, "A typo.")
    publish(session, ann, call, {code: {"ask": ASKS[code].replace(*CORRECTIONS[code])} for code in TITLES}, NOTE)

    for code in TITLES:
        page = new_page(viewport={"width": 320, "height": 640}, color_scheme="dark" if code == "fr" else "light")
        page.goto(f"{site.url}/{code}/calls/{call.slug}")
        assert faults(page) == []
        page.get_by_role("link", name=CHANGED[code]).click()
        # Until all of it has come: the lists below wait for nothing.
        page.wait_for_url(f"{site.url}/{code}/calls/{call.slug}/changes")
        corrected, typo = page.locator(".timeline > li").all()[:2]
        expect(corrected.locator(".timeline-note")).to_have_text(NOTE)
        expect(typo.locator(".timeline-note")).to_have_text("A typo.")
        for other in TITLES:
            for step, (before, after) in ((typo, TYPOS[other]), (corrected, CORRECTIONS[other])):
                shown = step.locator(f".difference[lang={other}]")
                old, new = (" ".join(shown.locator(tag).all_text_contents()) for tag in ("del", "ins"))
                assert (before in old, after in new) == (True, True), (code, other, old, new)
                assert (SPOKEN[code][0] in old, SPOKEN[code][1] in new) == (True, True), (code, old, new)
        spoken = page.locator(".difference .visually-hidden").evaluate_all(
            "all => [...new Set(all.map(one => one.lang))]"
        )
        assert spoken == [code]
        assert faults(page) == []


def test_a_picture_from_the_editor_is_what_people_share(site: OrganiserSite, call: Call, page: Page) -> None:
    site.sign_in(page.context, "owner")
    page.goto(f"{site.url}/organise/calls/{call.id}/picture")
    page.get_by_label("File").set_input_files({"name": "door.jpg", "mimeType": "image/jpeg", "buffer": saved("JPEG")})
    page.get_by_label("Credit").fill("City museum")
    page.get_by_label("Licence").select_option("CC BY 4.0")
    for field in page.get_by_label("What the picture shows").all():
        field.fill("A door stands open.")
    page.get_by_role("button", name="Put it into the draft").click()
    page.goto(f"{site.url}/organise/calls/{call.id}/publish")
    page.get_by_role("button", name="Publish the changes").click()
    page.goto(f"{site.url}/en/calls/{call.slug}")

    assert page.get_by_role("img", name="A door stands open.").evaluate("image => image.naturalWidth") > 0
    address = page.locator('meta[property="og:image"]').get_attribute("content") or ""
    assert urlsplit(address).path == f"/en/calls/{call.slug}/card.jpg"
    answer = page.request.get(site.url + urlsplit(address).path)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(BytesIO(answer.body())) as card:
        assert (card.format, card.size) == ("JPEG", (1200, 630))
        red, _green, blue = card.convert("RGB").getpixel((1100, 600))  # type: ignore[misc]
    # The lower right corner of the picture is blue, and stands beside the words.
    assert blue > 2 * red


def faults(page: Page) -> list[str]:
    """Return what axe finds, and whether a page is wider than its window."""
    report = axe.look(page)
    needed = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return ([report] if report != axe.NOTHING else []) + ([f"{needed} pixels too wide"] if needed > 0 else [])
