"""The letters about teams: an invitation, a role given, changed or taken, a campaign that is offered.

``Letter.version`` names what each is about: the id of an invitation; ``team.role.actor`` for a role, where the actor
may be missing; ``campaign.team`` for an offer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from petition import terms
from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.lib import clock
from petition.models import Campaign, Invitation, InvitationState, Letter, Organiser, Team, Transfer


class TeamContext(NamedTuple):
    """What a letter about a team says; ``by`` is who acted, empty for an operator or a former member.

    ``team`` is empty in an invitation to own the site, ``role`` where there is none. ``expires_at`` is rounded down to
    the minute. ``offered`` is the hashtag of a campaign and ``giver`` the team that offers it.
    """

    accent: str
    team: str
    team_id: int
    role: str
    by: str
    expires_at: datetime | None = None
    offered: str = ""
    giver: str = ""


def for_invitations(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each invitation says now, by letter id, without those that were answered or are too old."""
    found = session.scalars(
        select(Invitation)
        .where(
            Invitation.id.in_([int(letter.version) for letter in batch]),
            Invitation.state == InvitationState.OPEN,
            Invitation.expires_at > clock.now(),
        )
        .options(joinedload(Invitation.team))
    )
    open_ones = {str(invitation.id): invitation for invitation in found}
    names = _names(session, [one.invited_by for one in open_ones.values()])
    return {
        letter.id: Content("invitation", [_invitation(open_ones[letter.version], names)])
        for letter in batch
        if letter.version in open_ones
    }


def for_roles(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter about somebody's role says, by letter id."""
    parts = {letter.id: [*letter.version.split("."), "", ""][:3] for letter in batch}
    names = _names(session, [int(actor) for _team, _role, actor in parts.values() if actor])
    team_ids = [int(team_id) for team_id, _role, _actor in parts.values()]
    teams = {team.id: team.name for team in session.scalars(select(Team).where(Team.id.in_(team_ids)))}
    contents = {}
    for letter in batch:
        team_id, role, actor = parts[letter.id]
        if int(team_id) in teams:
            by = names.get(int(actor), "") if actor else ""
            context = TeamContext("ink", teams[int(team_id)], int(team_id), role, by)
            contents[letter.id] = Content(letter.template, [Entry(context, "")])
    return contents


def for_offers(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter about an offered campaign says, by letter id, without offers that stand no more."""
    found = session.scalars(
        select(Transfer)
        .where(Transfer.campaign_id.in_([int(letter.version.partition(".")[0]) for letter in batch]))
        .options(joinedload(Transfer.team), joinedload(Transfer.campaign).joinedload(Campaign.team))
    )
    offers = {f"{offer.campaign_id}.{offer.team_id}": offer for offer in found}
    names = _names(session, [offer.offered_by for offer in offers.values()])
    return {
        letter.id: Content("campaign_offered", [_offer(offers[letter.version], names)])
        for letter in batch
        if letter.version in offers
    }


def _invitation(invitation: Invitation, names: dict[int | None, str]) -> Entry:
    context = TeamContext(
        "ink",
        invitation.team.name if invitation.team else "",
        invitation.team_id or 0,
        invitation.role if invitation.team else "",
        names.get(invitation.invited_by, ""),
        invitation.expires_at.replace(second=0, microsecond=0),
    )
    return Entry(context, f"{invitation.id}.{invitation.nonce}")


def _offer(offer: Transfer, names: dict[int | None, str]) -> Entry:
    campaign = offer.campaign
    giver = campaign.team.name if campaign.team else ""
    by = names.get(offer.offered_by, "")
    context = TeamContext(
        campaign.accent, offer.team.name, offer.team_id, "", by, offered=campaign.hashtag, giver=giver
    )
    return Entry(context, "")


def _names(session: Session, ids: Sequence[int | None]) -> dict[int | None, str]:
    people = session.scalars(select(Organiser).where(Organiser.id.in_([one for one in ids if one])))
    return {person.id: person.name for person in people}


letters.register(
    LetterKind(
        "invitation",
        priority=1,
        content=for_invitations,
        same_per_day=5,
        links={"invitation": timedelta(days=terms.INVITATION_DAYS)},
        folder="organise",
    )
)
for _template in ("role_given", "role_changed", "removed_from_team"):
    letters.register(LetterKind(_template, priority=1, content=for_roles, even_silenced=True))
letters.register(LetterKind("campaign_offered", priority=1, content=for_offers, even_silenced=True))
