"""The umbrella of calls, with its name and hashtag."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Id, Language, LongText, Slug


class Campaign(Base):
    """An umbrella such as #AllezCulture, and who asks under it.

    ``organiser_country`` is an ISO code; ``organiser_contact`` an address or the URL of a page; all may be empty.
    """

    __tablename__ = "campaign"

    id: Mapped[Id]
    slug: Mapped[Slug]
    hashtag: Mapped[str] = mapped_column(String(60))
    accent: Mapped[str] = mapped_column(String(16), default="ink")
    language: Mapped[Language]
    organiser_name: Mapped[str] = mapped_column(String(120), default="")
    organiser_country: Mapped[str] = mapped_column(String(2), default="")
    organiser_contact: Mapped[str] = mapped_column(String(300), default="")
    organiser_since: Mapped[date | None]

    @property
    def organiser_url(self) -> str:
        """Where the organiser can be reached: an https or mailto URL, or nothing."""
        if self.organiser_contact.startswith("https://"):
            return self.organiser_contact
        return f"mailto:{self.organiser_contact}" if "@" in self.organiser_contact else ""


class CampaignText(Base):
    """The words of a campaign in one language."""

    __tablename__ = "campaign_text"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[LongText]
    body: Mapped[LongText]
