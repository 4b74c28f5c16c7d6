"""The calls to action and their words."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, String, bindparam
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import terms
from petition.errors import Gone, NotFound, PetitionError
from petition.lib import clock
from petition.models.base import Base, Id, Language, LongText, Slug, UtcDateTime, by_value
from petition.models.campaigns import Campaign

CONFIRMING_GRACE = timedelta(hours=terms.GRACE_HOURS)


def end_of_confirmations(closes_at: datetime | None) -> datetime:
    """Return until when signatures of a call can be confirmed: some hours after closing, or without end."""
    return closes_at + CONFIRMING_GRACE if closes_at else datetime.max.replace(tzinfo=UTC)


def _ago(pause: timedelta) -> ColumnElement[datetime]:
    """Return an SQL value: the instant ``pause`` before the statement is run, however long ago it was put together."""
    return bindparam(None, callable_=lambda: clock.now() - pause, type_=UtcDateTime())


class CallKind(StrEnum):
    """What a call asks people for."""

    PETITION = "petition"
    DREAM = "dream"
    HERO = "hero"
    PRACTICE = "practice"


class CallState(StrEnum):
    """What organisers made of a call; whether it is scheduled, open or closed follows from its times."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    PAUSED = "paused"
    ARCHIVED = "archived"
    REMOVED = "removed"


# The states in which the public sees a call; one that was taken down is gone, and its page says so.
SHOWN = (CallState.PUBLISHED, CallState.PAUSED, CallState.ARCHIVED)


class RemovalReason(StrEnum):
    """Why a call was taken down, as its page says."""

    LAW = "law"
    RULES = "rules"
    ORGANISER = "organiser"
    MISTAKE = "mistake"


def hidden_from_public(state: CallState) -> PetitionError | None:
    """Return why the public may not see a call, or None: the one rule, whatever asks for the call.

    NotFound for what is not yet published, as for what is unknown; Gone for what was taken down.
    """
    if state in {CallState.DRAFT, CallState.REVIEW}:
        return NotFound()
    return Gone() if state == CallState.REMOVED else None


class Call(Base):
    """One question put to the public, open from ``opens_at`` until just before ``closes_at``, unless paused.

    ``goal`` is fixed, or None for one that steps up by itself. ``approved_revision`` is the number of the revision that
    a second person approved. ``version`` is the number of the newest published words, 0 before there are any.
    """

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("paper_signatures >= 0 and partner_reported >= 0", name="counts_not_negative"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    slug: Mapped[Slug]
    kind: Mapped[CallKind] = mapped_column(by_value(CallKind))
    state: Mapped[CallState] = mapped_column(by_value(CallState), default=CallState.DRAFT)
    language: Mapped[Language]
    hashtag: Mapped[str] = mapped_column(String(60), default="")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime | None]
    paper_signatures: Mapped[int] = mapped_column(default=0)
    partner_reported: Mapped[int] = mapped_column(default=0)
    image: Mapped[str] = mapped_column(String(200), default="")
    image_width: Mapped[int] = mapped_column(default=1200)
    image_height: Mapped[int] = mapped_column(default=630)
    image_credit: Mapped[str] = mapped_column(String(200), default="")
    image_licence: Mapped[str] = mapped_column(String(60), default="")
    image_licence_url: Mapped[str] = mapped_column(String(300), default="")
    image_source_url: Mapped[str] = mapped_column(String(300), default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("picture.id"))
    goal: Mapped[int | None]
    consent_version: Mapped[str] = mapped_column(String(16), default="")
    version: Mapped[int] = mapped_column(default=0)
    submitted_by: Mapped[int | None]
    approved_revision: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removal_reason: Mapped[RemovalReason | None] = mapped_column(by_value(RemovalReason))

    campaign: Mapped[Campaign] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_closed(self) -> bool:
        """Whether signing has ended."""
        return self.closes_at is not None and clock.now() >= self.closes_at

    @hybrid_property
    def is_open(self) -> bool:
        """Whether people can sign at this instant; in SQL at the instant of the statement."""
        return self.opens_at <= clock.now() and not self.is_closed

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> ColumnElement[bool]:
        now = _ago(timedelta())
        return (cls.opens_at <= now) & (cls.closes_at.is_(None) | (cls.closes_at > now))

    @hybrid_property
    def takes_confirmations(self) -> bool:
        """Whether a signature can still be confirmed: for some hours after closing too; in SQL likewise."""
        return clock.now() < end_of_confirmations(self.closes_at)

    @takes_confirmations.inplace.expression
    @classmethod
    def _takes_confirmations(cls) -> ColumnElement[bool]:
        return cls.closes_at.is_(None) | (cls.closes_at > _ago(CONFIRMING_GRACE))


class CallText(Base):
    """The published words of a call in one language; bodies are Markdown.

    ``addressees`` are the institutions and persons that the ask goes to, each with a ``name``, a ``kind``
    (``institution`` or ``person``) and a ``url``, which may be empty; ``addressee`` names them all in a sentence.
    """

    __tablename__ = "call_text"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    addressee: Mapped[str] = mapped_column(String(300))
    addressees: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    ask: Mapped[LongText]
    body: Mapped[LongText]
    thanks: Mapped[LongText]
    share_text: Mapped[str] = mapped_column(String(300))
    image_alt: Mapped[str] = mapped_column(String(300), default="")
    notice: Mapped[str] = mapped_column(String(600), default="")
    story_prompt: Mapped[str] = mapped_column(String(300), default="")
    outcome: Mapped[LongText] = mapped_column(default="")
    reported_total: Mapped[str] = mapped_column(String(200), default="")
    reported_source: Mapped[str] = mapped_column(String(300), default="")

    @property
    def notice_line(self) -> str:
        """The first sentence of the notice."""
        first, end, _rest = self.notice.partition(". ")
        return first + end.rstrip()
