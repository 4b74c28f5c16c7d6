"""The umbrella of calls, with its name and hashtag."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.models.base import Base, Id, Language, LongText, Slug


class Team(Base):
    """An organisation that runs campaigns.

    ``timezone`` is an IANA name; moments are typed and shown in it. ``needs_review`` asks for a second pair of eyes
    before a call is published, ``publishes_unread`` lets stories that nothing holds be public before anybody read them.
    """

    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[Language]
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    needs_review: Mapped[bool] = mapped_column(default=False)
    publishes_unread: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class Campaign(Base):
    """An umbrella such as #AllezCulture, and who asks under it.

    ``organiser_country`` is an ISO code; ``organiser_contact`` an address or the URL of a page; all may be empty.
    ``team_id`` is None for campaigns that only commands look after. ``revision`` counts saves, so that one never
    overwrites another unseen.
    """

    __tablename__ = "campaign"

    id: Mapped[Id]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    revision: Mapped[int] = mapped_column(default=0)
    slug: Mapped[Slug]
    hashtag: Mapped[str] = mapped_column(String(60))
    accent: Mapped[str] = mapped_column(String(16), default="ink")
    language: Mapped[Language]
    organiser_name: Mapped[str] = mapped_column(String(120), default="")
    organiser_country: Mapped[str] = mapped_column(String(2), default="")
    organiser_contact: Mapped[str] = mapped_column(String(300), default="")
    organiser_since: Mapped[date | None]

    team: Mapped[Team | None] = relationship()

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
