"""Signatures, and the addresses that asked to be left alone."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.models.base import Base, Country, Digest, Id, Language, LongText, by_value
from petition.models.calls import Call

# A signature that nobody confirmed for so long is deleted; so long its links work.
CONFIRM_WITHIN = timedelta(days=7)


class SignatureState(StrEnum):
    """Where a signature stands; only confirmed ones count."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class Signature(Base):
    """One person's support of one call.

    ``email`` is there while it is needed: until the signature is confirmed, or for as long as the person wants news.
    ``email_digest`` stays, so that nobody signs twice.
    """

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("call_id", "email_digest"),
        CheckConstraint("state <> 'confirmed' or confirmed_at is not null", name="confirmed_has_moment"),
        Index("ix_signature_email_digest", "email_digest"),
        Index(
            "ix_signature_shown",
            "call_id",
            "confirmed_at",
            postgresql_where=text("state = 'confirmed' and show_name"),
            sqlite_where=text("state = 'confirmed' and show_name"),
        ),
        Index(
            "ix_signature_pending",
            "requested_at",
            postgresql_where=text("state = 'pending'"),
            sqlite_where=text("state = 'pending'"),
        ),
        # A number is never given twice, or an old link would open somebody else's signature.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    email_digest: Mapped[Digest]
    email: Mapped[str | None] = mapped_column(String(320))
    state: Mapped[SignatureState] = mapped_column(by_value(SignatureState), default=SignatureState.PENDING)
    name: Mapped[str | None] = mapped_column(String(80))
    country: Mapped[Country | None]
    story: Mapped[LongText | None]
    show_name: Mapped[bool] = mapped_column(default=False)
    wants_updates: Mapped[bool] = mapped_column(default=False)
    language: Mapped[Language]
    partner: Mapped[str] = mapped_column(String(80), default="")
    consent_version: Mapped[str] = mapped_column(String(16))
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts."""
        return self.state == SignatureState.CONFIRMED


class BlockedAddress(Base):
    """An address whose owner said "this was not me" about one call."""

    __tablename__ = "blocked_address"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    email_digest: Mapped[bytes] = mapped_column(primary_key=True)
    blocked_at: Mapped[datetime]
