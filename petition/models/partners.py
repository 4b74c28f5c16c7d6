"""Allied organisations, what they report, and the channels by which people come."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.models.base import Base, Digest, Id, Language, LongText, Slug, by_value
from petition.models.calls import Call
from petition.models.campaigns import Team


class Channel(StrEnum):
    """Ways by which people come to a call; links that are shared carry one as ``?via=``."""

    WHATSAPP = "whatsapp"
    FACEBOOK = "facebook"
    X = "x"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    LINKEDIN = "linkedin"
    TELEGRAM = "telegram"
    EMAIL = "email"
    QR = "qr"
    LETTER = "letter"
    PAPER = "paper"
    EMBED = "embed"


class Partner(Base):
    """An allied organisation whose site shows our counter or form and is credited for signatures of its team's calls.

    ``logo`` is the digest of its picture in hexadecimal, or empty; sizes are in pixels. A partner that is paused is
    credited for nothing new; one that is not ``is_listed`` did not agree to be named in public. ``nonce`` is in the
    link to its own page: a new one, and None, make older links void.
    """

    __tablename__ = "partner"

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    slug: Mapped[Slug]
    name: Mapped[str] = mapped_column(String(120))
    url: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(320), default="")
    language: Mapped[Language]
    logo: Mapped[str] = mapped_column(String(64), default="", index=True)
    logo_width: Mapped[int] = mapped_column(default=0)
    logo_height: Mapped[int] = mapped_column(default=0)
    is_listed: Mapped[bool] = mapped_column(default=False)
    is_paused: Mapped[bool] = mapped_column(default=False)
    nonce: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    team: Mapped[Team] = relationship()


class PartnerToken(Base):
    """What a partner's program shows to report signatures: only its digest is kept, and what organisers call it."""

    __tablename__ = "partner_token"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id", ondelete="CASCADE"), index=True)
    digest: Mapped[Digest] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    partner: Mapped[Partner] = relationship(lazy="joined", innerjoin=True)


class PartnerReportState(StrEnum):
    """What became of a report: it waits for an organiser, counts, was refused, or a later one took its place."""

    WAITING = "waiting"
    COUNTED = "counted"
    REFUSED = "refused"
    REPLACED = "replaced"


class PartnerReport(Base):
    """How many signatures of one day a partner collected elsewhere, as it said at one time.

    ``day`` is a UTC day, ``countries`` numbers by ISO code and ``""`` for those without, whose sum is ``signatures``.
    A correction is another row with the next ``revision``; of a day at most one counts and one waits.
    """

    __tablename__ = "partner_report"
    __table_args__ = (
        UniqueConstraint("partner_id", "call_id", "day", "revision"),
        Index("ix_partner_report_call_id_state", "call_id", "state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    day: Mapped[date]
    revision: Mapped[int]
    state: Mapped[PartnerReportState] = mapped_column(by_value(PartnerReportState))
    signatures: Mapped[int]
    countries: Mapped[dict[str, int]] = mapped_column(JSON)
    source: Mapped[LongText]
    received_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]

    partner: Mapped[Partner] = relationship(lazy="joined", innerjoin=True)
    call: Mapped[Call] = relationship(lazy="joined", innerjoin=True)
