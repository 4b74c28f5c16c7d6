"""Each kind of call: what its form asks for, what the confirmation shows of it, and what its author can change."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.lib import tokens
from petition.models import CallKind, Signature, StoryLicence, StoryState, StoryWords
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.visitor import form_token, press, sign

PUBLISHED = {"publish": "y", "licence": "cc-by", "credit": "Suzie S.", "story_language": "nl"}
# What is typed into the form of each kind, and what is kept of it.
TYPED: dict[CallKind, dict[str, Any]] = {
    CallKind.PETITION: {"story": "Om mijn oma."},
    CallKind.DREAM: {
        "story": "Iedereen leest.",
        "horizon_year": "2030",
        "affiliation": "KB",
        "video": "https://video.example/1",
    },
    CallKind.HERO: {"story": "Zij zag alles.", "hero": "Maria Sibylla Merian", "tagline": "curious"},
    CallKind.PRACTICE: {
        "story": "Wij openden het depot.",
        "beneficiaries": "Scholen",
        "argument": "open",
        "sector": "museum",
        "organisation": "Museum",
        "evidence": "https://museum.example/depot",
        "done_on": "2026-05-01",
    },
}


def _kept(kind: CallKind) -> StoryWords:
    details = {name: value for name, value in TYPED[kind].items() if name != "story"}
    if "horizon_year" in details:
        details["horizon_year"] = int(details["horizon_year"])
    return StoryWords(kind, "nl", TYPED[kind]["story"], details, StoryLicence.CC_BY, "Suzie S.")


def _page(session: Session) -> tuple[str, Signature]:
    signature = signatures(session)[0]
    return f"/en/confirm/{tokens.make('confirm', signature.link_id)}", signature


@pytest.fixture(params=list(CallKind))
def kind(request: pytest.FixtureRequest, session: Session) -> CallKind:
    """Give each kind, with a call of it."""
    factories.make_call(session, kind=request.param)
    return CallKind(request.param)


def test_what_was_told_is_shown_before_it_counts_and_waits_for_a_moderator_then(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, kind: CallKind
) -> None:
    assert sign(client, stopped_clock, kind=kind, **TYPED[kind], **PUBLISHED).status_code == 303
    page, signature = _page(session)
    assert signature.told == _kept(kind)

    shown = client.get(page).text
    for word in (TYPED[kind]["story"], "Suzie S.", "CC BY 4.0", "Nederlands", *TYPED[kind].values()):
        assert re.sub("https://([^/]+)/.*", r"\1", {"open": "open to all", "museum": "Museum"}.get(word, word)) in shown

    press(client, page)
    signature = signatures(session)[0]
    assert signature.story
    # A link, even one that was asked for, holds.
    assert signature.is_confirmed
    assert signature.story.state == (StoryState.HELD if "https" in str(TYPED[kind]) else StoryState.WAITING)


def test_a_form_without_the_hidden_kind_is_read_as_that_of_the_call(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, kind: CallKind
) -> None:
    assert sign(client, stopped_clock, **TYPED[kind], **PUBLISHED).status_code == 303

    assert signatures(session)[0].told == _kept(kind)


@pytest.mark.parametrize("kind", [CallKind.DREAM, CallKind.HERO, CallKind.PRACTICE], indirect=True)
def test_what_a_kind_needs_is_asked_for_in_the_page_of_that_kind(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, kind: CallKind
) -> None:
    answer = sign(client, stopped_clock, kind="petition", story="\u200b \u2800")

    assert answer.status_code == 422
    assert f'data-kind="{kind}"' in answer.text
    assert re.search(r"Please (tell us|say why)", answer.text)
    assert 'value="Suzie Signer"' in answer.text
    assert signatures(session) == []


def test_no_licence_is_chosen_for_anybody(client: FlaskClient, stopped_clock: StoppedClock, session: Session) -> None:
    factories.make_call(session, kind=CallKind.DREAM)
    page = client.get("/en/calls/open-culture").text
    assert not re.search(r'name="(licence|publish)"[^>]*checked', page)

    answer = sign(client, stopped_clock, kind="dream", story="Everybody reads.", publish="y")

    assert answer.status_code == 422
    assert "none is chosen for you" in answer.text


def test_without_the_box_nothing_is_kept_to_be_published(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session
) -> None:
    factories.make_call(session, kind=CallKind.DREAM)

    sign(client, stopped_clock, kind="dream", story="Everybody reads.", licence="cc0", credit="Suzie", tell_me="y")

    assert signatures(session)[0].told == StoryWords(CallKind.DREAM, "en", "Everybody reads.")


@pytest.mark.parametrize(
    "bad",
    [
        {"licence": "gpl"},
        {"story_language": "tlh"},
        {"story": "x" * 1501},
        {"story": "x\x00y"},
        {"credit": "=cmd()"},
        {"credit": "write@me.example"},
        {"horizon_year": "soon"},
        {"horizon_year": "99999"},
        {"affiliation": "x" * 161},
        {"video": "javascript:alert(1)"},
        {"video": "https://" + "x" * 300},
    ],
)
def test_bad_input_is_explained_and_nothing_is_lost(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session, bad: dict[str, str]
) -> None:
    factories.make_call(session, kind=CallKind.DREAM)

    answer = sign(client, stopped_clock, kind="dream", **TYPED[CallKind.DREAM] | PUBLISHED | bad)

    assert answer.status_code == 422
    assert 'class="field-error"' in answer.text
    assert 'value="Suzie Signer"' in answer.text
    assert signatures(session) == []


def test_words_can_be_changed_before_they_count(
    client: FlaskClient, stopped_clock: StoppedClock, session: Session
) -> None:
    factories.make_call(session, kind=CallKind.DREAM)
    sign(client, stopped_clock, kind="dream", **TYPED[CallKind.DREAM], **PUBLISHED)
    page, signature = _page(session)

    changed = {"name": "Suzie", "version": signature.version, "story": "Everybody writes.", "story_language": "en"}
    assert client.post(f"{page}/words", data=changed).status_code == 303

    assert signatures(session)[0].told == StoryWords(CallKind.DREAM, "en", "Everybody writes.")


def _own_page(session: Session) -> tuple[str, Signature]:
    call = factories.make_call(session, kind=CallKind.DREAM)
    signature = factories.confirm(session, call, story=_kept(CallKind.DREAM))
    return f"/en/me/{tokens.make('me', signature.link_id)}", signature


def test_authors_change_their_text_on_their_own_page(client: FlaskClient, session: Session) -> None:
    page, signature = _own_page(session)
    assert "waits for a moderator" in client.get(page).text

    typed = {"version": signature.version, "story": "Everybody writes.", "story_language": "en", **PUBLISHED}
    answer = client.post(f"{page}/story", data=typed, follow_redirects=True)

    assert "Everybody writes." in answer.text
    stale = client.post(f"{page}/story", data=typed | {"story": "Nobody."})
    assert stale.status_code == 409
    assert "Everybody writes." in stale.text


def test_a_bad_change_is_explained_and_keeps_what_was_typed(client: FlaskClient, session: Session) -> None:
    page, signature = _own_page(session)

    answer = client.post(f"{page}/story", data={"version": signature.version, "story": "Kept.", "publish": "y"})

    assert answer.status_code == 422
    assert ">Kept.</textarea>" in re.sub(r"\s+(?=Kept)", "", answer.text)


def test_authors_take_their_text_back(client: FlaskClient, session: Session) -> None:
    page, signature = _own_page(session)

    answer = client.post(f"{page}/story/take-back", data={"version": signature.version}, follow_redirects=True)

    assert "It is not published" in answer.text
    assert signatures(session)[0].told == StoryWords(
        CallKind.DREAM, "nl", "Iedereen leest.", _kept(CallKind.DREAM).details
    )


def test_each_kind_has_its_own_form(client: FlaskClient, kind: CallKind) -> None:
    page = client.get("/en/calls/open-culture")

    assert form_token(page)
    for name in TYPED[kind]:
        assert f'name="{name}"' in page.text
