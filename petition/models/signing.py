"""Signatures, and the addresses that asked to be left alone."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from json import dumps

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import terms
from petition.lib import email_addresses
from petition.models.base import Base, Country, Digest, Id, Language, LongText, by_value
from petition.models.calls import Call, CallKind
from petition.models.stories import Story, StoryWords

# A signature that nobody confirmed for so long is deleted; so long its links work.
CONFIRM_WITHIN = timedelta(days=terms.CONFIRM_DAYS)


class SignatureState(StrEnum):
    """Where a signature stands; only confirmed ones count."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


# The version of the three sentences beside the boxes (forms/signing.py); it is stored with each signature.
CONSENT_VERSION = "2027-01"

# What a person types or chooses, beside the story, which has a table of its own.
FORM_COLUMNS = ("name", "email", "country", "show_name", "wants_updates", "language")


def version_of(
    *,
    name: str | None,
    email: str | None,
    country: str | None,
    story: StoryWords | None,
    show_name: bool,
    wants_updates: bool,
    language: str,
) -> str:
    """Return 32 hexadecimal digits that stand for these words and choices, and for the wording of the consent."""
    typed = [
        CONSENT_VERSION,
        name,
        email and email_addresses.exact(email),
        country,
        story and story.typed,
        show_name,
        wants_updates,
        language,
    ]
    return sha256(dumps(typed).encode()).hexdigest()[:32]


# Written out, because a database uses a partial index only for the very words of its condition.
IS_PENDING = text("state = 'pending'")
IS_COUNTED = text("state in ('confirmed', 'removed')")


class Signature(Base):
    """One person's support of one call, or their wish to give it.

    ``email`` is there while it is needed: until the signature is confirmed, or for as long as the person wants news.
    ``email_digest`` stays, so that no mailbox signs twice; ``address_digest`` too, of the very address that may be sent
    links (None for rows from before migration 0004). ``version`` names the words: name, country, story, choices,
    wording of the consent, and the address that asked. ``call_version`` numbers the words of the call that were shown
    when it was confirmed; None while it waits, and for rows from before migration 0009.
    """

    __tablename__ = "signature"
    __table_args__ = (
        # One mailbox counts once for a call, and cannot come back when it was removed. Each set of words that waits is
        # a row of its own, so that what a letter showed never changes.
        Index(
            "uq_signature_counted",
            "call_id",
            "email_digest",
            unique=True,
            postgresql_where=IS_COUNTED,
            sqlite_where=IS_COUNTED,
        ),
        Index(
            "uq_signature_pending",
            "call_id",
            "email_digest",
            "version",
            unique=True,
            postgresql_where=IS_PENDING,
            sqlite_where=IS_PENDING,
        ),
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
            postgresql_where=IS_PENDING,
            sqlite_where=IS_PENDING,
        ),
        Index(
            "ix_signature_partner",
            "partner",
            "confirmed_at",
            postgresql_where=text("partner <> ''"),
            sqlite_where=text("partner <> ''"),
        ),
        # A number is never given twice, or an old link would open somebody else's signature.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    email_digest: Mapped[Digest]
    email: Mapped[str | None] = mapped_column(String(320))
    state: Mapped[SignatureState] = mapped_column(by_value(SignatureState), default=SignatureState.PENDING)
    name: Mapped[str | None] = mapped_column(String(terms.NAME_LENGTH))
    country: Mapped[Country | None]
    # A reason from before stories had a table: its author's alone, until they change it.
    reason: Mapped[LongText | None] = mapped_column("story", Text)
    show_name: Mapped[bool] = mapped_column(default=False)
    wants_updates: Mapped[bool] = mapped_column(default=False)
    language: Mapped[Language]
    # The partner who brought it, and the channel of the link; empty for nobody and for none.
    partner: Mapped[str] = mapped_column(String(80), default="")
    via: Mapped[str] = mapped_column(String(16), default="", server_default="")
    consent_version: Mapped[str] = mapped_column(String(16))
    address_digest: Mapped[Digest | None]
    version: Mapped[str] = mapped_column(String(32), default="")
    call_version: Mapped[int | None]
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship(lazy="joined", innerjoin=True)
    story: Mapped[Story | None] = relationship(passive_deletes="all")

    @property
    def told(self) -> StoryWords | None:
        """What was told with it, or None."""
        if self.story:
            return self.story.words
        return StoryWords(CallKind.PETITION, self.language, self.reason) if self.reason else None

    @property
    def is_confirmed(self) -> bool:
        """Whether it counts."""
        return self.state == SignatureState.CONFIRMED

    @property
    def link_id(self) -> str:
        """What mailed links carry, see ``link_id``."""
        return link_id(self.id, self.email_digest)


def link_id(signature_id: int, email_digest: bytes) -> str:
    """Return what a mailed link carries: the id of a row, and six bytes of the digest of its mailbox.

    An id that is given twice, after a restored backup or a lost failover, then opens nothing.
    """
    return f"{signature_id}.{email_digest[:6].hex()}"


class BlockedAddress(Base):
    """A mailbox whose owner said "this was not me" about one call; ``signature_id`` is the row that was erased then."""

    __tablename__ = "blocked_address"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    email_digest: Mapped[bytes] = mapped_column(primary_key=True)
    signature_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    blocked_at: Mapped[datetime]


class SilencedAddress(Base):
    """A mailbox whose owner wants no letter from this site any more, whoever asks for one."""

    __tablename__ = "silenced_address"

    email_digest: Mapped[bytes] = mapped_column(primary_key=True)
    silenced_at: Mapped[datetime]
