"""The first page of an organiser names what is theirs and what waits for them, at a cost that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from petition.domain import overview
from petition.domain.access import MATRIX, Action
from petition.domain.overview import Overview
from petition.lib import clock
from petition.models import (
    Call,
    CallRevision,
    CallState,
    Invitation,
    Membership,
    Organiser,
    Role,
    Team,
    Transfer,
    content_of,
    empty_text,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team


@pytest.fixture
def ann(session: Session, stopped_clock: StoppedClock) -> Organiser:
    """Give an editor of a museum."""
    ann = make_organiser(session)
    join(session, make_team(session), ann, Role.EDITOR)
    return ann


def museum(session: Session, person: Organiser) -> Team:
    """Return the first team of somebody."""
    return overview.overview(session, person, editors=()).memberships[0].team


def make_call(session: Session, team: Team, slug: str, **values: Any) -> Call:
    call = factories.make_call(session, slug=slug, **values)
    call.campaign.team_id = team.id
    session.commit()
    return call


def draft(session: Session, call: Call, **titles: str) -> None:
    """Save words of a draft, all of them in the languages that have a title."""
    parliament = {"name": "The Parliament", "kind": "institution", "url": ""}
    texts = {
        code: empty_text(title)
        | ({"ask": title, "body": title, "share_text": title, "addressees": [parliament]} if title else {})
        for code, title in titles.items()
    }
    content = content_of(call, []) | {"texts": texts}
    number = 1 + len(session.scalars(select(CallRevision).where(CallRevision.call_id == call.id)).all())
    session.add(CallRevision(call_id=call.id, number=number, content=content, saved_at=clock.now()))
    session.commit()


def look(session: Session, person: Organiser) -> Overview:
    return overview.overview(session, person, editors=MATRIX[Action.EDIT_CALL])


def slugs(found: Overview, *, waiting: bool) -> list[str]:
    return [summary.call.slug for summary in found.calls if summary.waits == waiting]


def test_only_calls_of_ones_own_teams_are_there_and_the_open_ones_are_first(session: Session, ann: Organiser) -> None:
    team = museum(session, ann)
    make_call(session, team, "closed", closes_at=clock.now() - timedelta(days=1))
    make_call(session, team, "open")
    make_call(session, team, "later", opens_at=clock.now() + timedelta(days=1))
    make_call(session, team, "gone", state=CallState.REMOVED)
    make_call(session, make_team(session, "Another museum"), "of-others")

    found = look(session, ann)

    assert slugs(found, waiting=False) == ["open", "later", "closed"]


def test_a_draft_waits_for_those_who_write_and_names_the_languages_that_lack_words(
    session: Session, ann: Organiser
) -> None:
    team = museum(session, ann)
    call = make_call(session, team, "draft", state=CallState.DRAFT)
    draft(session, call, en="Old")
    draft(session, call, en="New", fr="", de="Neu")
    analyst = make_organiser(session, "Chris")
    join(session, team, analyst, Role.ANALYST)

    (summary,) = look(session, ann).calls

    assert (summary.title, summary.unfinished, summary.waits) == ("New", ["fr"], True)
    assert slugs(look(session, analyst), waiting=True) == []


def test_a_call_in_review_waits_for_somebody_else_than_its_author(session: Session, ann: Organiser) -> None:
    team = museum(session, ann)
    bob = make_organiser(session, "Bob")
    join(session, team, bob, Role.OWNER)
    make_call(session, team, "review", state=CallState.REVIEW, submitted_by=ann.id)

    assert slugs(look(session, ann), waiting=True) == []
    assert slugs(look(session, bob), waiting=True) == ["review"]


def test_offers_are_for_owners_and_invitations_for_their_address(session: Session, ann: Organiser) -> None:
    team, now = museum(session, ann), clock.now()
    bob = make_organiser(session, "Bob")
    join(session, team, bob, Role.OWNER)
    offered = make_call(session, make_team(session, "Another museum"), "offered").campaign
    session.add(Transfer(campaign_id=offered.id, team_id=team.id, offered_at=now))
    for email, within in (("Ann@Museum.example", 1), ("ann@museum.example", -1), ("chris@museum.example", 1)):
        session.add(
            Invitation(
                team_id=offered.team_id,
                email=email,
                role=Role.EDITOR,
                language="en",
                nonce=email,
                created_at=now,
                expires_at=now + timedelta(days=within),
            )
        )
    session.commit()

    anns, bobs = look(session, ann), look(session, bob)

    assert ([offer.campaign_id for offer in anns.offers], [one.email for one in anns.invitations]) == (
        [],
        ["Ann@Museum.example"],
    )
    assert ([offer.campaign_id for offer in bobs.offers], list(bobs.invitations)) == ([offered.id], [])


def test_more_calls_and_teams_need_no_more_queries(session: Session, ann: Organiser) -> None:
    team = museum(session, ann)
    draft(session, make_call(session, team, "draft", state=CallState.DRAFT), en="One")
    make_call(session, team, "open")
    few = queries(session, ann.id)
    for number in range(3):
        another = make_team(session, f"Museum {number}")
        session.add(Membership(team_id=another.id, organiser_id=ann.id, role=Role.OWNER, since=clock.now()))
        draft(session, make_call(session, another, f"draft-{number}", state=CallState.DRAFT), en="One")
        make_call(session, another, f"open-{number}")

    assert queries(session, ann.id) <= few + 1  # The offers, which only owners have.
    assert few <= 6


def queries(session: Session, organiser_id: int) -> int:
    """Return how many statements the overview and all that its page reads of it need."""
    session.expire_all()
    person = session.get_one(Organiser, organiser_id)
    with counted(session) as statements:
        found = look(session, person)
        for summary in found.calls:
            assert summary.title
            assert summary.call.campaign.hashtag
            assert summary.membership.team.timezone
    return len(statements)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    yield statements
    event.remove(session.get_bind(), "before_cursor_execute", note)
