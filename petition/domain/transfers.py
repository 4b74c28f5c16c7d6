"""Campaigns that go from one team to another: one offers, the other agrees."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, joinedload

from petition.domain import audit, letters
from petition.errors import Conflict, NotFound
from petition.lib import clock
from petition.models import Call, Campaign, Membership, Organiser, Picture, Role, Team, Transfer


class OfferGone(Conflict):
    """Raised for an offer that was answered or taken back meanwhile."""


class AlreadyOffered(Conflict):
    """Raised when a campaign is offered that waits for another team's answer."""


class AlreadyTheirs(Conflict):
    """Raised when a campaign is offered to the team that has it."""


class Offer(NamedTuple):
    """A campaign that is offered, by which team and to which one."""

    campaign: Campaign
    giver: Team
    receiver: Team


def find_team(session: Session, number: int, name: str) -> Team | None:
    """Return the team with this number and, in whatever case, this name; who knows only one of them learns nothing."""
    team = session.get(Team, number)
    return team if team and team.name.casefold() == name.casefold() else None


def find_offer(session: Session, campaign: Campaign) -> Transfer | None:
    """Return the offer of a campaign that waits for an answer, or None."""
    return session.get(Transfer, campaign.id, options=[joinedload(Transfer.team)], populate_existing=True)


def offers_to(session: Session, team: Team) -> Sequence[Offer]:
    """Return the campaigns that other teams offer to this one, the oldest offer first."""
    found = session.scalars(_offers().where(Transfer.team_id == team.id).order_by(Transfer.offered_at)).all()
    return [_offer(transfer) for transfer in found]


def get_offer(session: Session, team: Team, campaign_id: int) -> Offer:
    """Return the offer of a campaign to this team; raises NotFound."""
    found = session.scalar(_offers().where(Transfer.team_id == team.id, Transfer.campaign_id == campaign_id))
    if found is None:
        raise NotFound
    return _offer(found)


def offer(session: Session, actor: Organiser, campaign: Campaign, receiver: Team) -> None:
    """Offer a campaign to a team and tell its owners; raises AlreadyOffered and AlreadyTheirs."""
    if campaign.team_id == receiver.id:
        raise AlreadyTheirs
    _lock(session, campaign)
    if find_offer(session, campaign):
        raise AlreadyOffered
    session.add(Transfer(campaign_id=campaign.id, team_id=receiver.id, offered_by=actor.id, offered_at=clock.now()))
    _record(session, actor, "offer_campaign", Offer(campaign, _giver(campaign), receiver))
    version = f"{campaign.id}.{receiver.id}"
    owners = _owners(session, receiver)
    letters.enqueue(session, [letters.for_organiser("campaign_offered", owner, version) for owner in owners])


def withdraw(session: Session, actor: Organiser, campaign: Campaign) -> None:
    """Take an offer back; raises OfferGone."""
    found = find_offer(session, campaign)
    if found is None:
        raise OfferGone
    _end(session, actor, "withdraw_offer", Offer(campaign, _giver(campaign), found.team))


def refuse(session: Session, actor: Organiser, offered: Offer) -> None:
    """Say no; the campaign stays where it is. Raises OfferGone."""
    _end(session, actor, "refuse_campaign", offered)


def accept(session: Session, actor: Organiser, offered: Offer) -> None:
    """Take a campaign over, with its calls and the pictures that only they show; raises OfferGone."""
    _end(session, actor, "accept_campaign", offered)
    offered.campaign.team_id = offered.receiver.id
    session.flush()
    is_theirs = Call.campaign_id == offered.campaign.id
    shown = select(Call.picture_id).where(Call.picture_id.is_not(None))
    session.execute(
        update(Picture)
        .where(
            Picture.team_id == offered.giver.id,
            Picture.id.in_(shown.where(is_theirs)),
            Picture.id.not_in(shown.where(~is_theirs)),
        )
        .values(team_id=offered.receiver.id)
        .execution_options(synchronize_session=False)
    )


def _offers() -> Select[Transfer]:
    return select(Transfer).options(joinedload(Transfer.team), joinedload(Transfer.campaign).joinedload(Campaign.team))


def _offer(transfer: Transfer) -> Offer:
    return Offer(transfer.campaign, _giver(transfer.campaign), transfer.team)


def _giver(campaign: Campaign) -> Team:
    if campaign.team is None:
        raise NotFound
    return campaign.team


def _lock(session: Session, campaign: Campaign) -> None:
    """Let the offers of one campaign be made and answered one after the other, until the transaction ends."""
    session.execute(update(Campaign).where(Campaign.id == campaign.id).values(slug=Campaign.slug))


def _end(session: Session, actor: Organiser, action: str, offered: Offer) -> None:
    """Delete an offer that still stands; raises OfferGone for any other."""
    _lock(session, offered.campaign)
    stands = Transfer.campaign_id == offered.campaign.id, Transfer.team_id == offered.receiver.id
    if session.scalar(delete(Transfer).where(*stands).returning(Transfer.campaign_id)) is None:
        raise OfferGone
    _record(session, actor, action, offered)


def _record(session: Session, actor: Organiser, action: str, offered: Offer) -> None:
    """Write an entry for each of the two teams."""
    giver, receiver = offered.giver, offered.receiver
    for team in (giver, receiver):
        audit.record(
            session, actor, action, offered.campaign, team_id=team.id, old=f"team {giver.id}", new=f"team {receiver.id}"
        )


def _owners(session: Session, team: Team) -> Sequence[Organiser]:
    is_owner = Membership.team_id == team.id, Membership.role == Role.OWNER
    return session.scalars(select(Organiser).join(Membership).where(*is_owner).order_by(Organiser.id)).all()
