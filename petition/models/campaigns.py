"""The umbrella of calls, with its name and hashtag."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Id, Language, LongText, Slug


class Campaign(Base):
    """An umbrella such as #AllezCulture."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    slug: Mapped[Slug]
    hashtag: Mapped[str] = mapped_column(String(60))
    accent: Mapped[str] = mapped_column(String(16), default="ink")
    language: Mapped[Language]


class CampaignText(Base):
    """The words of a campaign in one language."""

    __tablename__ = "campaign_text"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[LongText]
    body: Mapped[LongText]
