"""Organisers lead a call through its life with buttons, and the public sees each step."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from petition.domain import previews, settings
from petition.domain.settings import Change, Switches
from petition.lib import clock, tokens
from petition.models import (
    Call,
    CallRevision,
    CallState,
    CallText,
    CallVersion,
    Organiser,
    OrganiserSession,
    text_content,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.domain.test_publishing import draft
from tests.editing import typed
from tests.organisers import add_picture, join, make_organiser, make_team, sign_in
from tests.visitor import press

PAGE = "/en/calls/open-culture"


@pytest.fixture
def ann(session: Session, call: Call) -> Organiser:
    ann = make_organiser(session)
    call.campaign.team = make_team(session)
    session.commit()
    join(session, call.campaign.team, ann)
    return ann


@pytest.fixture
def call(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> Call:
    return factories.make_call(session)


@pytest.fixture
def csrf(client: FlaskClient, session: Session, ann: Organiser) -> str:
    return sign_in(client, session, ann)


def test_a_draft_is_published_with_the_number_that_the_page_showed(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    call = session.get_one(Call, call.id)
    call.state, call.version = CallState.DRAFT, 0
    session.execute(delete(CallVersion))
    number = draft(session, call, title="Open all of it")
    path = f"/organise/calls/{call.id}/publish"
    page = client.get(path)
    assert f'name="revision" type="hidden" value="{number}"' in page.text
    stale = client.post(path, data={"csrf_token": csrf, "revision": number - 1})
    late = client.post(path, data={"csrf_token": csrf, "revision": number, "opens_at": "2026-03-29T02:30"})

    assert (stale.status_code, late.status_code, client.get(PAGE).status_code) == (409, 422, 404)
    assert "saved again" in stale.text
    assert "does not exist" in late.text
    done = client.post(path, data={"csrf_token": csrf, "revision": number})
    assert done.status_code == 303
    assert "Open all of it" in client.get(PAGE).text


def test_the_public_reads_why_a_call_is_paused_and_when_it_goes_on(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    path = f"/organise/calls/{call.id}"
    empty = client.post(f"{path}/pause", data={"csrf_token": csrf, "notice-en": "", "notice-fr": "Une faute."})
    assert empty.status_code == 422
    assert "Une faute." in empty.text
    paused = client.post(f"{path}/pause", data={"csrf_token": csrf, "notice-en": "We check a figure."})
    page, twice = client.get(PAGE), client.post(f"{path}/pause", data={"csrf_token": csrf, "notice-en": "Again."})

    assert (paused.status_code, twice.status_code) == (303, 409)
    assert "We check a figure." in page.text
    assert 'id="sign"' not in page.text
    assert client.post(f"{path}/resume", data={"csrf_token": csrf}).status_code == 303
    assert 'id="sign"' in client.get(PAGE).text
    assert "We check a figure." in client.get(f"{PAGE}/changes").text


def test_a_paused_call_on_a_paused_site_says_both(client: FlaskClient, session: Session, call: Call, csrf: str) -> None:
    settings.change(session, None, [Change("pause_signing", settings.values(session)["pause_signing"], "on")])
    client.post(f"/organise/calls/{call.id}/pause", data={"csrf_token": csrf, "notice-en": "We check a figure."})
    client.application.extensions[Switches.__name__].expire()
    paused = client.get(PAGE).text

    assert "We check a figure." in paused
    assert "Besides, signing is paused on this whole site" in paused
    client.post(f"/organise/calls/{call.id}/resume", data={"csrf_token": csrf})
    resumed = client.get(PAGE).text
    assert "Nobody can sign on this site for the moment." in resumed
    assert "We check a figure." not in resumed


def test_before_publishing_organisers_see_what_the_public_will_see_changed(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    draft(session, call, body="## Why\n\nBecause it is *mine*.")
    page = client.get(f"/organise/calls/{call.id}/publish").text

    assert "What the public will see changed" in page
    assert re.search(r"<del>.*ours", page)
    assert re.search(r"<ins>.*mine", page)


def test_an_address_taken_down_says_when_and_why_and_no_preview_shows_it(
    client: FlaskClient, session: Session, call: Call, csrf: str, ann: Organiser
) -> None:
    path, edit = f"/organise/calls/{call.id}/take-down", f'href="/organise/calls/{call.id}/edit"'
    preview = f"/en/preview/{previews.token(previews.create(session, ann, call))}"
    session.commit()
    assert client.get(preview).status_code == 200
    assert edit in client.get(f"/organise/calls/{call.id}").text
    session.execute(update(OrganiserSession).values(fresh_at=clock.now() - timedelta(minutes=11)))
    session.commit()
    asked = client.post(path, data={"csrf_token": csrf, "reason": "mistake"})
    assert asked.location.startswith("/organise/confirm-identity?next=")
    assert client.get(PAGE).status_code == 200
    session.execute(update(OrganiserSession).values(fresh_at=clock.now()))
    session.commit()
    assert client.post(path, data={"csrf_token": csrf, "reason": "no"}).status_code == 422
    assert client.post(path, data={"csrf_token": csrf, "reason": "mistake"}).status_code == 303
    gone = client.get(PAGE)
    assert gone.status_code == 410
    assert client.get(preview).status_code == 410
    assert "1 June 2026" in gone.text
    assert "by mistake" in gone.text
    assert gone.headers["Cache-Control"] == "no-store"
    assert edit not in client.get(f"/organise/calls/{call.id}").text


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/en/calls/open-culture?via=x", "/en/calls/new-name?via=x"),
        ("/c/open-culture", "/c/new-name"),
        ("/counters/open-culture.json", "/counters/new-name.json"),
        ("/counters/open-culture.svg?lang=fr", "/counters/new-name.svg?lang=fr"),
        ("/fr/calls/open-culture/changes", "/fr/calls/new-name/changes"),
        ("/fr/calls/open-culture/check-mail", "/fr/calls/new-name/check-mail"),
    ],
)
def test_an_earlier_address_leads_to_the_new_one_everywhere(
    client: FlaskClient, session: Session, call: Call, csrf: str, path: str, leads_to: str
) -> None:
    number = draft(session, call, slug="new-name")
    client.post(f"/organise/calls/{call.id}/publish", data={"csrf_token": csrf, "revision": number})
    answer = client.get(path)

    assert (answer.status_code, answer.location) == (301, leads_to)


def test_the_confirmation_asks_again_when_the_words_changed_meanwhile(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    first, second = (factories.sign(session, call, email=f"{name}@example.org") for name in "ab")
    links = [f"/en/confirm/{tokens.make('confirm', one.link_id)}" for one in (first, second)]
    own_page = press(client, links[0]).location
    page = client.get(links[1])
    number = draft(session, call, body="## Why\n\nBecause it is *mine*.")
    client.post(f"/organise/calls/{call.id}/publish", data={"csrf_token": csrf, "revision": number, "note": "x"})

    answer = press(client, links[1], page)
    assert answer.status_code == 409
    assert re.search(r"<del>.*ours", answer.text)
    assert "The words changed after you signed" in client.get(own_page).text
    assert press(client, links[1], answer).status_code == 303
    assert "Changed on 1 June 2026" in client.get(PAGE).text
    history = client.get(f"{PAGE}/changes").text
    assert re.search(r"<ins>.*mine", history)


def test_a_preview_is_the_public_page_and_signs_nothing(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    draft(session, call, title="Not yet published")
    client.post(f"/organise/calls/{call.id}/preview-links", data={"csrf_token": csrf})
    link = re.search(r'href="http://localhost(/preview/[^"]+)"', client.get(f"/organise/calls/{call.id}").text)
    assert link
    outsider = client.application.test_client()
    address = outsider.get(link[1]).location
    page, pressed = outsider.get(address), outsider.post(address, data={"name": "Suzie", "email": "s@example.org"})

    assert "Not yet published" in page.text
    assert (page.headers["Cache-Control"], pressed.status_code) == ("no-store", 200)
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Nothing was sent or stored" in pressed.text
    assert factories.signatures(session) == []
    assert outsider.get("/en/preview/1-2.x.y").status_code == 404
    client.post(f"/organise/calls/{call.id}/preview-links/1/revoke", data={"csrf_token": csrf})
    assert outsider.get(address).status_code == 410


def test_a_site_owner_takes_a_call_down_that_they_cannot_look_into(
    client: FlaskClient, session: Session, call: Call, ann: Organiser
) -> None:
    path, olga = f"/organise/calls/{call.id}", make_organiser(session, "Olga", is_site_owner=True)
    csrf = sign_in(client, session, olga)
    page = client.get(f"{path}/take-down")

    assert (page.status_code, client.get(path).status_code) == (200, 404)
    assert f'href="{path}"' not in page.text
    assert client.post(f"{path}/take-down", data={"csrf_token": csrf, "reason": "law"}).status_code == 303
    assert client.get(PAGE).status_code == 410


def test_a_call_closes_early_and_goes_into_the_archive(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    path = f"/organise/calls/{call.id}"
    assert client.post(f"{path}/archive", data={"csrf_token": csrf}).status_code == 409
    bad = client.post(f"{path}/times", data={"csrf_token": csrf, "closes_at": "2026-05-01T10:00"})
    assert (bad.status_code, "2026-05-01T10:00" in bad.text) == (409, True)
    assert client.get(f"{path}/times").status_code == 200
    assert client.post(f"{path}/times", data={"csrf_token": csrf, "closes_at": "", "now": "1"}).status_code == 303
    assert "This petition is closed" in client.get(PAGE).text
    assert client.post(f"{path}/archive", data={"csrf_token": csrf}).status_code == 303
    assert "in the archive" in client.get(PAGE).text


def test_what_cannot_be_published_any_more_is_not_offered_to_be_edited(
    client: FlaskClient, session: Session, call: Call, csrf: str
) -> None:
    draft(session, call)
    path, revision = f"/organise/calls/{call.id}", draft(session, call, title="Another title")
    pages = [path, f"{path}/revisions/{session.scalars(select(CallRevision.id).order_by(CallRevision.id)).first()}"]
    offers = [f'href="{path}/edit"', "/restore"]
    assert [offer in client.get(page).text for page, offer in zip(pages, offers, strict=True)] == [True, True]

    session.get_one(Call, call.id).state = CallState.ARCHIVED
    session.commit()

    assert not any(offer in client.get(page).text for page in pages for offer in offers)
    assert client.post(f"{path}/submit", data={"csrf_token": csrf, "revision": str(revision)}).status_code == 409


def test_nothing_that_organisers_save_changes_what_the_public_sees(
    client: FlaskClient, session: Session, call: Call, csrf: str, ann: Organiser
) -> None:
    path, base = f"/organise/calls/{call.id}", str(draft(session, call))
    picture_id = add_picture(session, call, ann).id
    before = public(client, session)
    other = {"en__title": "Another title", "en__ask": "Close it.", "en__body": "Other reasons.", "slug": "moved"}
    fields = typed(csrf, call, base=base, **other)
    answers = [
        client.post(f"{path}/autosave.json", data=fields),
        client.post(f"{path}/edit", data=fields | {"en-thanks": "Other thanks."}),
        client.post(f"{path}/pictures/{picture_id}", data={"csrf_token": csrf, "alt_en": "Another door."}),
        client.post(f"{path}/revisions/1/restore", data={"csrf_token": csrf}),
    ]

    assert [answer.status_code for answer in answers] == [200, 302, 302, 302]
    assert (session.scalar(select(func.max(CallRevision.number))) or 0) > int(base)
    assert public(client, session) == before


def public(client: FlaskClient, session: Session) -> list[object]:
    """Return the public pages of a call in each language, without what each view has anew, and its rows."""
    session.rollback()
    session.expire_all()
    pages = [
        client.get(f"/{language}/calls/open-culture{end}") for language in ("en", "fr") for end in ("", "/changes")
    ]
    assert {page.status_code for page in pages} == {200}
    texts = {text.language: text_content(text) for text in session.scalars(select(CallText))}
    versions = [(version.number, version.texts) for version in session.scalars(select(CallVersion))]
    row = session.scalars(select(Call)).one()
    columns = [getattr(row, column.name) for column in Call.__table__.columns]
    return [*(re.sub(r'value="[^"]*"', "", page.text) for page in pages), texts, versions, columns]
