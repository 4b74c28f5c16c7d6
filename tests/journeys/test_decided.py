"""What authors are told about their story: on their own page always, by e-mail where they asked for it."""

import re
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import moderation, supporters
from petition.domain.moderation import OwnDecision
from petition.jobs import retention
from petition.lib import tokens
from petition.models import (
    Call,
    CallKind,
    Decision,
    Organiser,
    Role,
    Signature,
    Story,
    StoryLicence,
    StoryState,
    StoryWords,
    Team,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.mail.mailservers import send_to
from tests.organisers import join, make_organiser, make_team
from tests.servers import MailServer

WORDS = StoryWords(CallKind.DREAM, "en", "Everybody reads.", {}, StoryLicence.CC_BY, "Suzie S.", wants_letter=True)


@pytest.fixture
def ann(session: Session, stopped_clock: StoppedClock) -> Organiser:
    """Give the only moderator of a team with a call for dreams."""
    ann, team = make_organiser(session), make_team(session)
    join(session, team, ann, Role.MODERATOR)
    factories.make_call(session, kind=CallKind.DREAM, team=team)
    return ann


@pytest.fixture
def signature(session: Session, ann: Organiser) -> Signature:
    """Give a signature with a story whose author wants to be told."""
    return told(session)


def told(session: Session, **changes: Any) -> Signature:
    call = session.scalars(select(Call)).one()
    return factories.confirm(session, call, **{"story": WORDS} | changes)


def decide(session: Session, actor: Organiser, signature: Signature, decision: Decision, **why: Any) -> Any:
    session.expire_all()
    assert signature.story
    row = moderation.decide(
        session, actor, signature.story, revision=signature.story.revision, decision=decision, **why
    )
    session.commit()
    return row


def page_of(client: FlaskClient, signature: Signature) -> tuple[str, str]:
    path = f"/en/me/{tokens.make('me', signature.link_id)}"
    return path, client.get(path).text


def mailed(app: Flask, smtp: MailServer) -> list[EmailMessage]:
    """Send what is due, and give what arrived about decisions."""
    send_to(app, smtp)
    return [message for _, _, message in smtp.messages if "decided" in message["Subject"]]


def address(session: Session, signature: Signature) -> str | None:
    return session.scalar(select(Signature.email).where(Signature.id == signature.id))


def test_the_address_stays_for_the_decision_alone_and_goes_when_it_was_told(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock, ann: Organiser, signature: Signature
) -> None:
    assert address(session, signature) == "suzie@example.org"
    decide(session, ann, signature, Decision.REFUSE, reason_class="off-topic", sentence="It speaks of football.")
    assert mailed(app, smtp) == []

    stopped_clock.tick(minutes=11)
    (message,) = mailed(app, smtp)

    body = message.get_body(("plain",))
    assert body
    text = " ".join(body.get_content().split())
    for sentence in (
        "not approved",
        "not about what was asked",
        "It speaks of football.",
        "A person read it",
        "second look",
    ):
        assert sentence in text
    assert re.search(r"http://localhost/en/me/\S+", text)

    stopped_clock.tick(hours=1)
    assert retention.forget_decided(session) == 1
    assert address(session, signature) is None
    assert retention.forget_decided(session) == 0


def test_undone_and_decided_anew_it_is_told_once(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock, ann: Organiser, signature: Signature
) -> None:
    slip = decide(session, ann, signature, Decision.REFUSE)
    moderation.undo(session, ann, slip)
    decide(session, ann, signature, Decision.APPROVE)

    stopped_clock.tick(minutes=11)
    (message,) = mailed(app, smtp)

    body = message.get_body(("html",))
    assert body
    assert signature.story
    assert f"http://localhost/en/stories/{signature.story.id}" in body.get_content()


def test_nobody_is_written_to_who_did_not_ask(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock, ann: Organiser
) -> None:
    signature = told(session, story=StoryWords(CallKind.DREAM, "en", "Everybody reads.", {}, StoryLicence.CC0))
    assert address(session, signature) is None

    decide(session, ann, signature, Decision.APPROVE)
    stopped_clock.tick(minutes=11)

    assert mailed(app, smtp) == []


def test_after_thirty_days_without_a_decision_the_address_goes(
    session: Session, stopped_clock: StoppedClock, signature: Signature
) -> None:
    stopped_clock.tick(days=29)
    assert retention.forget_decided(session) == 0
    stopped_clock.tick(days=2)
    assert retention.forget_decided(session) == 1

    assert address(session, signature) is None
    assert signature.story
    assert signature.story.state == StoryState.WAITING


def test_who_wants_news_keeps_getting_them_after_the_decision(
    session: Session, stopped_clock: StoppedClock, ann: Organiser
) -> None:
    signature = told(session, wants_updates=True)
    decide(session, ann, signature, Decision.APPROVE)
    stopped_clock.tick(hours=2)

    assert retention.forget_decided(session) == 1
    assert address(session, signature) == "suzie@example.org"


@pytest.mark.parametrize("how", ["untick", "take back", "withdraw", "silence"])
def test_who_does_not_want_to_be_told_any_more_is_forgotten(session: Session, signature: Signature, how: str) -> None:
    if how == "withdraw":
        supporters.withdraw(session, signature)
    elif how == "silence":
        supporters.silence(session, signature.email_digest)
    else:
        licence = StoryLicence.CC_BY if how == "untick" else None
        words = StoryWords(CallKind.DREAM, "en", "Everybody reads.", {}, licence)
        supporters.tell(session, signature, shown=signature.version, words=words)
    session.commit()

    assert address(session, signature) is None


def test_a_correction_of_the_name_leaves_the_wish_to_be_told(session: Session, signature: Signature) -> None:
    supporters.correct(session, signature, shown=signature.version, name="Susanne")
    session.commit()

    assert address(session, signature) == "suzie@example.org"


def test_the_own_page_says_what_was_decided_and_takes_one_second_look(
    client: FlaskClient, session: Session, ann: Organiser, signature: Signature
) -> None:
    decide(session, ann, signature, Decision.REFUSE, reason_class="advertising", sentence="Buy <b>nothing</b>.")
    path, page = page_of(client, signature)
    for sentence in ("not approved", "advertises", "Buy &lt;b&gt;nothing&lt;/b&gt;.", "by a person who read it"):
        assert sentence in page
    (decision,) = re.findall(r'name="decision" value="(\d+)"', page)

    assert client.post(f"{path}/story/second-look", data={"decision": "0"}).status_code == 409
    for named in ("x", "9" * 30, "9" * 5000):
        assert client.post(f"{path}/story/second-look", data={"decision": named}).status_code == 409
    assert client.post(f"{path}/story/second-look", data={"decision": decision}).status_code == 303
    assert "waits for a second look" in client.get(path).text
    assert client.post(f"{path}/story/second-look", data={"decision": decision}).status_code == 409

    # She is the only moderator, so she looks again herself; and then it is settled.
    decide(session, ann, signature, Decision.REFUSE, reason_class="advertising")
    assert "Ask for a second look" not in client.get(path).text


def test_another_moderator_looks_a_second_time_where_there_is_one(
    session: Session, ann: Organiser, signature: Signature
) -> None:
    first = decide(session, ann, signature, Decision.REFUSE, reason_class="other")
    bob = make_organiser(session, "Bob")
    team = session.scalars(select(Team)).one()
    join(session, team, bob, Role.MODERATOR)
    assert signature.story
    moderation.ask_again(session, signature.story, decision_id=first.id)
    session.commit()

    with pytest.raises(OwnDecision):
        decide(session, ann, signature, Decision.REFUSE, reason_class="other")
    session.rollback()
    second = decide(session, bob, signature, Decision.APPROVE)

    assert second.second_look_of == first.id
    assert session.scalars(select(Story.state)).all() == [StoryState.APPROVED]


def test_a_changed_text_is_no_longer_told_the_decision_about_the_old_one(
    client: FlaskClient, session: Session, ann: Organiser, signature: Signature
) -> None:
    decide(session, ann, signature, Decision.ASK, reason_class="private", sentence="Leave her name out.")
    path, page = page_of(client, signature)
    assert "asks you to change" in page
    assert "Leave her name out." in page

    typed = {"version": signature.version, "story": "Everybody writes.", "publish": "y", "licence": "cc0"}
    page = client.post(f"{path}/story", data=typed, follow_redirects=True).text

    assert "waits for a moderator" in page
    assert "Leave her name out." not in page
