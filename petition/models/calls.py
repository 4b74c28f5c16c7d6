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


def end_of_confirmations(
    closes_at: datetime | None, grace_ends_at: datetime | None = None, paused_at: datetime | None = None
) -> datetime:
    """Return until when signatures of a call can be confirmed: some hours after closing, or without end.

    Pauses after closing do not count; for a call that is paused this is so as if it was resumed now.
    """
    if closes_at is None:
        return datetime.max.replace(tzinfo=UTC)
    end = grace_ends_at or closes_at + CONFIRMING_GRACE
    return end + max(clock.now() - max(paused_at, closes_at), timedelta()) if paused_at else end


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


class CallPhase(StrEnum):
    """Where a call stands at an instant, by its state and its times."""

    DRAFT = "draft"
    REVIEW = "review"
    SCHEDULED = "scheduled"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REMOVED = "removed"


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

    ``goal`` is fixed, or None for one that steps up by itself. ``submitted_revision`` is the number of the revision
    that ``submitted_by`` asks to have approved, ``approved_revision`` of the one that a second person approved, and
    ``published_revision`` of the one that was published last. ``version`` is the number of the newest published words,
    0 before there are any; ``changed_at`` when they, or the times, last changed after they were published.
    ``frame_origins`` are those of the sites that may show its form in a frame, with spaces between; empty for all.
    ``grace_ends_at`` is until when confirmations count where a pause after closing moved that, or None.
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
    frame_origins: Mapped[LongText] = mapped_column(default="", server_default="")
    consent_version: Mapped[str] = mapped_column(String(16), default="")
    version: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime | None]
    submitted_by: Mapped[int | None]
    submitted_revision: Mapped[int | None]
    approved_revision: Mapped[int | None]
    published_revision: Mapped[int | None]
    paused_at: Mapped[datetime | None]
    grace_ends_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removal_reason: Mapped[RemovalReason | None] = mapped_column(by_value(RemovalReason))

    campaign: Mapped[Campaign] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_closed(self) -> bool:
        """Whether signing has ended."""
        return self.closes_at is not None and clock.now() >= self.closes_at

    @property
    def has_opened(self) -> bool:
        """Whether the public could sign at some time; then its words change only in the open."""
        return self.state in {*SHOWN, CallState.REMOVED} and self.opens_at <= clock.now()

    @property
    def is_editable(self) -> bool:
        """Whether its words can still be edited and published: not in the archive, nor once it was taken down."""
        return self.state not in {CallState.ARCHIVED, CallState.REMOVED}

    @property
    def phase(self) -> CallPhase:
        """Where it stands at this instant."""
        if self.state != CallState.PUBLISHED:
            return CallPhase(self.state.value)
        if self.is_closed:
            return CallPhase.CLOSED
        return CallPhase.OPEN if self.has_opened else CallPhase.SCHEDULED

    @hybrid_property
    def is_open(self) -> bool:
        """Whether people can sign at this instant; in SQL at the instant of the statement."""
        return self.phase == CallPhase.OPEN

    @is_open.inplace.expression
    @classmethod
    def _is_open(cls) -> ColumnElement[bool]:
        now = _ago(timedelta())
        is_now = (cls.opens_at <= now) & (cls.closes_at.is_(None) | (cls.closes_at > now))
        return (cls.state == CallState.PUBLISHED) & is_now

    @property
    def confirmations_end_at(self) -> datetime:
        """Until when signatures can be confirmed, as ``end_of_confirmations``."""
        return end_of_confirmations(self.closes_at, self.grace_ends_at, self.paused_at)

    @hybrid_property
    def takes_confirmations(self) -> bool:
        """Whether a signature can still be confirmed: while paused, and for some hours after closing; in SQL likewise.

        Never of a call that was taken down.
        """
        return self.state == CallState.PAUSED or (self.state in SHOWN and clock.now() < self.confirmations_end_at)

    @takes_confirmations.inplace.expression
    @classmethod
    def _takes_confirmations(cls) -> ColumnElement[bool]:
        is_in_grace = (cls.closes_at > _ago(CONFIRMING_GRACE)) | (
            cls.grace_ends_at.is_not(None) & (cls.grace_ends_at > _ago(timedelta()))
        )
        return (cls.state == CallState.PAUSED) | (cls.state.in_(SHOWN) & (cls.closes_at.is_(None) | is_in_grace))


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
