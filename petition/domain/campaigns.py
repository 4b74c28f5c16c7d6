"""Campaigns as the public sees them."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from petition.errors import NotFound
from petition.models import SHOWN, Call, Campaign, CampaignText


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
