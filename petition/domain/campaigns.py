"""Campaigns, as the public sees them and as organisers write them."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import EditConflict, NotFound, SlugTaken
from petition.lib import clock, slugs
from petition.models import (
    SHOWN,
    AuditEntry,
    Call,
    Campaign,
    CampaignContent,
    CampaignText,
    Membership,
    Organiser,
    Team,
    hidden_from_public,
)


def get_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign that has something to show; raises NotFound."""
    campaign = session.scalar(_shown().where(Campaign.slug == slug))
    if campaign is None:
        raise NotFound
    return campaign


def text_of(session: Session, campaign: Campaign, language: str) -> CampaignText:
    """Return the campaign's words, in the language asked for or else its own; raises NotFound without any."""
    for code in (language, campaign.language):
        if text := session.get(CampaignText, (campaign.id, code)):
            return text
    raise NotFound


def published(session: Session, language: str) -> list[tuple[Campaign, CampaignText]]:
    """Return the campaigns with something to show, each with its words, the newest first."""
    return [
        (campaign, text_of(session, campaign, language))
        for campaign in session.scalars(_shown().order_by(Campaign.id.desc()))
    ]


def _shown() -> Select[Campaign]:
    return select(Campaign).where(Campaign.id.in_(select(Call.campaign_id).where(Call.state.in_(SHOWN))))


def of_person(session: Session, person: Organiser) -> list[tuple[Team, list[tuple[Campaign, str]]]]:
    """Return the teams of an organiser by name, each with its campaigns and their titles, the newest first."""
    teams = session.scalars(
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.organiser_id == person.id)
        .order_by(Team.name, Team.id)
    ).all()
    rows = session.execute(
        select(Campaign, CampaignText.title)
        .outerjoin(
            CampaignText, (CampaignText.campaign_id == Campaign.id) & (CampaignText.language == Campaign.language)
        )
        .where(Campaign.team_id.in_([team.id for team in teams]))
        .order_by(Campaign.id.desc())
    ).all()
    return [
        (team, [(campaign, title or campaign.hashtag) for campaign, title in rows if campaign.team_id == team.id])
        for team in teams
    ]


def calls_of(session: Session, campaign: Campaign) -> Sequence[Call]:
    """Return the calls of a campaign in whatever state, the newest first."""
    return session.scalars(select(Call).where(Call.campaign_id == campaign.id).order_by(Call.id.desc())).all()


def is_published(session: Session, campaign: Campaign) -> bool:
    """Whether the public sees a campaign, or saw it, so that its address must stay."""
    return any(call.version or hidden_from_public(call.state) is None for call in calls_of(session, campaign))


def content(session: Session, campaign: Campaign) -> CampaignContent:
    """Return all that can be edited of a campaign, its own language first."""
    texts = session.scalars(
        select(CampaignText).where(CampaignText.campaign_id == campaign.id).order_by(CampaignText.language)
    )
    values: CampaignContent = {name: getattr(campaign, name) for name in _COLUMNS}  # type: ignore[assignment]
    values["texts"] = {
        text.language: {"title": text.title, "summary": text.summary, "body": text.body}
        for text in sorted(texts, key=lambda text: text.language != campaign.language)
    }
    return values


def start(
    session: Session, person: Organiser, team: Team, *, title: str, hashtag: str, language: str, reserved: set[str]
) -> Campaign:
    """Write a new campaign of a team; its address comes from its title and is not ``reserved``."""
    wish = slugs.propose(title) or "campaign"
    free = (wish if number == 1 else f"{wish}-{number}" for number in count(1))
    slug = next(slug for slug in free if slug not in reserved and not _is_taken(session, None, slug))
    campaign = Campaign(team_id=team.id, slug=slug, hashtag=hashtag, language=language, organiser_name=team.name)
    session.add(campaign)
    session.flush()
    session.add(CampaignText(campaign_id=campaign.id, language=language, title=title, summary="", body=""))
    audit.record(session, person, "start_campaign", campaign, team_id=team.id, new=slug)
    return campaign


def save(session: Session, person: Organiser, campaign: Campaign, new: CampaignContent, base_revision: int) -> None:
    """Save a campaign that was begun from ``base_revision``; raises EditConflict and SlugTaken."""
    is_base = Campaign.id == campaign.id, Campaign.revision == base_revision
    saved = session.execute(update(Campaign).where(*is_base).values(revision=base_revision + 1))
    session.refresh(campaign)
    if not saved.rowcount:  # type: ignore[attr-defined]
        raise EditConflict(content(session, campaign), *_last_editor(session, campaign))
    if _is_taken(session, campaign, new["slug"]):
        raise SlugTaken
    try:
        with session.begin_nested():
            for name in _COLUMNS:
                setattr(campaign, name, new[name])  # type: ignore[literal-required]
    except IntegrityError:
        raise SlugTaken from None
    gone = CampaignText.campaign_id == campaign.id, CampaignText.language.not_in(new["texts"])
    session.execute(delete(CampaignText).where(*gone))
    for language, text in new["texts"].items():
        session.merge(CampaignText(campaign_id=campaign.id, language=language, **text))
    audit.record(
        session, person, "edit_campaign", campaign, team_id=campaign.team_id, old=base_revision, new=base_revision + 1
    )


_COLUMNS = tuple(name for name in CampaignContent.__annotations__ if name != "texts")


def _last_editor(session: Session, campaign: Campaign) -> tuple[str, datetime]:
    """Return who saved a campaign last, as the audit log has it, and when; the name may be empty."""
    row = session.execute(
        select(Organiser.name, AuditEntry.at)
        .select_from(AuditEntry)
        .outerjoin(Organiser, Organiser.id == AuditEntry.actor_id)
        .where(AuditEntry.thing == Campaign.__tablename__, AuditEntry.thing_id == campaign.id)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0] or "", row[1]) if row else ("", clock.now())


def _is_taken(session: Session, campaign: Campaign | None, slug: str) -> bool:
    owner = session.scalar(select(Campaign.id).where(Campaign.slug == slug))
    return owner is not None and owner != (campaign and campaign.id)
