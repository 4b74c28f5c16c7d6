"""The demo content: a team with somebody in each role, two campaigns and their calls, in three languages."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.cli import demo_stories
from petition.db import insert, is_sqlite, session
from petition.domain import contents, publishing, totals
from petition.forms.contents import read
from petition.http import current
from petition.lib import clock, email_addresses
from petition.models import (
    CONSENT_VERSION,
    Call,
    Campaign,
    CampaignText,
    Membership,
    Organiser,
    Partner,
    Role,
    Signature,
    SignatureState,
    Team,
    moment,
)

_FOLDER = Path(__file__).parent.parent / "demo"
_CAMPAIGNS = ("allezculture", "allezliterature")
# In the order in which they are written; pages show the newest first.
_CALLS = (
    "keep-culture-open-2013",
    "love-transcribathon",
    "world-poetry-day",
    "world-book-day",
    "good-practice",
    "i-am-europeana",
    "europeana-dreams",
    "keep-culture-open",
)
_TEAM = "Demo museum"
# Who is in the team, and who owns the site; nobody can write to these addresses.
_PEOPLE = {Role.OWNER: "Ann", Role.EDITOR: "Erik", Role.MODERATOR: "Bob", Role.ANALYST: "Chris"}
_SITE_OWNER = "Olga"
# Allies of the team, and whether they agreed to be named.
_PARTNERS = {"dream-library": ("Dream library (made up)", True), "night-museum": ("Night museum (made up)", False)}


@click.command("load-demo")
@with_appcontext
def load_demo() -> None:
    """Load #AllezCulture and #AllezLiterature with their calls; what is there already stays as it is."""
    load(session)
    click.echo("The campaigns #AllezCulture and #AllezLiterature are there.")


def load(session: Session) -> list[tuple[Organiser, str]]:
    """Write what is missing of campaigns, calls, the team, and signatures and stories that are labelled as made up.

    Returns the team's organisers and, in the demo only, an owner of the site, each with what they are; commits.
    """
    team, people = _team(session)
    _partners(session, team)
    for name in _CAMPAIGNS:
        _campaign(session, team, name)
    for name in _CALLS:
        _call(session, name)
    session.commit()
    return people


def _team(session: Session) -> tuple[Team, list[tuple[Organiser, str]]]:
    """Return the team, and who is in it, made where they are not there."""
    now = clock.now()
    people = {role: _organiser(session, role.value, name) for role, name in _PEOPLE.items()}
    owner_id = people[Role.OWNER].id
    team = session.scalar(
        select(Team).join(Membership).where(Team.name == _TEAM, Membership.organiser_id == owner_id).limit(1)
    )
    if team is None:
        team = Team(name=_TEAM, language="en", timezone="Europe/Amsterdam", created_at=now)
        session.add(team)
        session.flush()
        for role, person in people.items():
            session.add(Membership(team_id=team.id, organiser_id=person.id, role=role, since=now))
    everybody = [(person, f"{role.value} of {_TEAM}") for role, person in people.items()]
    if current.settings().demo:
        everybody.append((_organiser(session, "site-owner", _SITE_OWNER, is_site_owner=True), "owner of the site"))
    return team, everybody


def _partners(session: Session, team: Team) -> None:
    known = set(session.scalars(select(Partner.slug)))
    for slug, (name, is_listed) in _PARTNERS.items():
        if slug not in known:
            row = Partner(team_id=team.id, slug=slug, name=name, language="en", is_listed=is_listed)
            row.created_at = clock.now()
            session.add(row)


def _organiser(session: Session, mailbox: str, name: str, *, is_site_owner: bool = False) -> Organiser:
    email = f"{mailbox}@demo.example"
    key = email_addresses.exact(email)
    person = session.scalar(select(Organiser).where(Organiser.email_key == key))
    if person is None:
        person = Organiser(
            email=email, email_key=key, name=name, language="en", is_site_owner=is_site_owner, created_at=clock.now()
        )
        session.add(person)
        session.flush()
    return person


def _campaign(session: Session, team: Team, name: str) -> None:
    content: dict[str, Any] = tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
    texts = content.pop("texts")
    campaign = session.scalar(select(Campaign).where(Campaign.slug == content["slug"]))
    if campaign is None:
        campaign = Campaign(**content, language="en")
        session.add(campaign)
        session.flush()
        session.add_all(CampaignText(campaign_id=campaign.id, language=code, **text) for code, text in texts.items())
    if campaign.team_id is None:
        campaign.team_id = team.id


def _call(session: Session, name: str) -> None:
    if session.scalar(select(Call.id).where(Call.slug == name)):
        return
    file, _lines = read((_FOLDER / f"{name}.toml").read_bytes())
    # The made-up signatures lie in the past, and so the opening must too, whatever the clock of this machine says.
    opens_at, latest = moment(file.content["opens_at"]), clock.now() - timedelta(days=14)
    file.content["opens_at"] = min(opens_at or latest, latest).isoformat()
    call = contents.save(session, file)
    session.flush()
    publishing.publish(session, None, call, revision=1)
    for number, signature in enumerate(file.signatures):
        _sign(session, call, f"made-up-{number}@demo.invalid", signature)


def _sign(session: Session, call: Call, email: str, made_up: dict[str, Any]) -> None:
    confirmed_at = clock.now() - timedelta(hours=made_up["hours_ago"])
    signed = session.execute(
        insert(is_sqlite(session), Signature)
        .values(
            call_id=call.id,
            email_digest=email_addresses.digest(email),
            address_digest=email_addresses.exact_digest(email),
            state=SignatureState.CONFIRMED,
            name=made_up["name"],
            country=made_up["country"] or None,
            language=made_up["language"],
            partner="",
            show_name=made_up["show_name"],
            wants_updates=False,
            consent_version=CONSENT_VERSION,
            call_version=call.version,
            requested_at=confirmed_at,
            confirmed_at=confirmed_at,
        )
        .on_conflict_do_nothing()
        .returning(Signature.id, *totals.COUNTED)
    ).one_or_none()
    if signed:
        totals.add(session, [signed], +1)
    if signed and made_up["told"]:
        state = made_up.get("story_state", "approved")
        demo_stories.tell(session, call, signed.id, told_at=confirmed_at, words=made_up["told"], state=state)
