"""Two teams with everything an organiser's path can name: one is acted on, the other is somebody else's."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from petition.domain import partner_reports, partner_tokens
from petition.lib import clock
from petition.lib.session_rows import digest
from petition.models import (
    CallRevision,
    CallState,
    CallText,
    Invitation,
    KnownDevice,
    Organiser,
    OrganiserSession,
    Passkey,
    Picture,
    PreviewLink,
    ReportCase,
    ReportedThing,
    Role,
    Transfer,
    content_of,
)
from petition.models.base import Base
from tests.factories import make_call, make_partner, make_story
from tests.organisers import join, make_organiser, make_team

_NUMBERS = count(1)


class World(NamedTuple):
    """One team's things: who is in it, and for each argument of a path the row that it names."""

    people: dict[str, Organiser]
    values: dict[str, object]


def make_world(session: Session) -> World:
    """Return a team with a member of each role, a draft, and all that belongs to both; commits."""
    number = next(_NUMBERS)
    team = make_team(session, f"Museum {number}")
    people = {role.value: _person(session, role.value, number) for role in Role}
    for role in Role:
        join(session, team, people[role.value], role)
    offered, call = (
        make_call(session, slug=f"call-{number}-{letter}", state=CallState.DRAFT, opens_at=clock.now())
        for letter in "ab"
    )
    call.campaign.team_id = team.id
    offered.campaign.team_id = make_team(session, f"Giver {number}").id
    session.add(Transfer(campaign_id=offered.campaign_id, team_id=team.id, offered_at=clock.now()))
    now = clock.now()
    texts = list(session.scalars(select(CallText).where(CallText.call_id == call.id)))
    rows: dict[str, Base] = {
        "invitation_id": Invitation(
            team_id=team.id,
            email=f"new-{number}@museum.example",
            role=Role.EDITOR,
            language="en",
            nonce="nonce",
            created_at=now,
            expires_at=now.replace(year=now.year + 1),
        ),
        "picture_id": Picture(
            team_id=team.id, name=f"{number:064x}", width=1, height=1, credit="-", licence="-", uploaded_at=now
        ),
        "revision_id": CallRevision(call_id=call.id, number=1, content=content_of(call, texts), saved_at=now),
        "case_id": ReportCase(
            thing=ReportedThing.CALL, thing_id=call.id, call_id=call.id, reports=1, opened_at=now, rank_at=now
        ),
        "link_id": PreviewLink(
            call_id=call.id, nonce="nonce", created_at=now, expires_at=now.replace(year=now.year + 1)
        ),
    }
    rows["partner_id"] = partner = make_partner(session, team, f"partner-{number}", contact="desk@library.example")
    session.add_all(rows.values())
    session.commit()
    token, _text = partner_tokens.make_token(session, people["owner"], partner, "The desk")
    report, _is_new = partner_reports.put(
        session, partner, call, now.date(), countries={"NL": 5000}, source="Lists on paper"
    )
    session.commit()
    values: dict[str, object] = {name: row.id for name, row in rows.items()}  # type: ignore[attr-defined]
    values |= {
        "team_id": team.id,
        "campaign_id": call.campaign_id,
        "call_id": call.id,
        "organiser_id": people["analyst"].id,
        "story_id": make_story(session, call).id,
        "offer_id": offered.campaign_id,
        "preview_id": values["link_id"],
        "token_id": token.id,
        "report_id": report.id,
        "number": 1,
        "version": 1,
    }
    return World(people, values)


def outsiders(session: Session) -> dict[str, Organiser]:
    """Return people without a role in the world that is acted on: of another team, of the site, of nothing."""
    number = next(_NUMBERS)
    foreign = make_world(session).people["owner"]
    return {
        "foreign owner": foreign,
        "site owner": _person(session, "site-owner", number, is_site_owner=True),
        "organiser": _person(session, "organiser", number),
    }


def _person(session: Session, name: str, number: int, **values: Any) -> Organiser:
    """Return somebody with an app for codes, so that their recovery codes can be renewed."""
    email = f"{name}-{number}@museum.example"
    return make_organiser(session, name=name.title(), email=email, totp_secret=b"-", **values)


# Rows that belong to the person who acts, made for them.
_OWN: dict[str, Callable[[int, bytes], Base]] = {
    "session_id": lambda owner, secret: OrganiserSession(
        organiser_id=owner, digest=secret, content={}, created_at=clock.now(), last_seen_at=clock.now()
    ),
    "device_id": lambda owner, secret: KnownDevice(organiser_id=owner, digest=secret, last_seen_at=clock.now()),
    "passkey_id": lambda owner, secret: Passkey(
        organiser_id=owner, credential_id=secret, public_key=b"-", name="Key", created_at=clock.now()
    ),
}
# Text that names no row; a page may answer it with 404 whoever asks.
_TEXTS = {"token": "no-token", "key": "no-key", "lang": "en", "purpose": "old-address", "name": "name", "slug": "slug"}

THINGS = {"team_id", "campaign_id", "call_id"}


def arguments(session: Session, rule: Rule, world: World, person: Organiser | None) -> dict[str, object]:
    """Return what stands for each argument of a path in a world; ``person`` owns what is one's own; commits."""
    return {name: _value(session, rule, name, world, person) for name in sorted(rule.arguments)}


def _value(session: Session, rule: Rule, name: str, world: World, person: Organiser | None) -> object:
    if name in world.values:
        return world.values[name]
    if name in _TEXTS:
        return _TEXTS[name]
    if name not in _OWN:
        pytest.fail(f"{rule.rule}: say in tests/worlds.py which row <{name}> names.")
    owner = (person or world.people["owner"]).id
    row = _OWN[name](owner, digest(f"{name} {next(_NUMBERS)}"))
    session.add(row)
    session.commit()
    return row.id  # type: ignore[attr-defined]


def is_own_row_left(session: Session, name: str, number: object) -> bool:
    """Whether a row that belongs to a person, named by an argument, still stands."""
    session.rollback()
    return name in _OWN and session.get(type(_OWN[name](0, b"")), number) is not None


def names_no_row(rule: Rule) -> bool:
    """Whether a path has an argument that stands for no row here."""
    return not rule.arguments.isdisjoint(_TEXTS)


def nested(rule: Rule) -> Iterator[str]:
    """Give the arguments of a path that name something within its thing, or within the person who acts."""
    yield from sorted(rule.arguments - THINGS - _TEXTS.keys())
