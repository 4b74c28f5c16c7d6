"""What is kept of a call while it is written, and every published version of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Id, LongText, Slug, by_value


class CallRevision(Base):
    """One saved state of the draft of a call: all that can be edited, as a ``CallContent``.

    The newest ``number`` is the draft; ``saved_by`` is an organiser, or None for an operator's import.
    """

    __tablename__ = "call_revision"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by: Mapped[int | None]
    saved_at: Mapped[datetime]


def newest_revisions(call_id: int) -> Select[CallRevision]:
    """Return the query for the revisions of a call, the draft first; a caller limits it to what it needs."""
    return select(CallRevision).where(CallRevision.call_id == call_id).order_by(CallRevision.number.desc())


class CallVersion(Base):
    """The words of a call as they were published, by language; never changed afterwards.

    ``number`` begins at 1; ``is_correction`` says that the ask itself was corrected, and ``note`` why, for the public.
    """

    __tablename__ = "call_version"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_correction: Mapped[bool] = mapped_column(default=False)
    note: Mapped[LongText] = mapped_column(default="")
    published_by: Mapped[int | None]
    published_at: Mapped[datetime]


class CallEventKind(StrEnum):
    """What happened to a published call, apart from its words."""

    PUBLISHED = "published"
    PAUSED = "paused"
    RESUMED = "resumed"
    OPENING = "opening"
    CLOSING = "closing"
    ARCHIVED = "archived"
    REMOVED = "removed"


class CallEvent(Base):
    """One moment in the life of a published call, shown to the public.

    ``old`` and ``new`` are the times that changed, in ISO 8601 and UTC, or empty; ``notice`` says why, by language.
    """

    __tablename__ = "call_event"

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    kind: Mapped[CallEventKind] = mapped_column(by_value(CallEventKind))
    at: Mapped[datetime]
    old: Mapped[str] = mapped_column(String(40), default="")
    new: Mapped[str] = mapped_column(String(40), default="")
    notice: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class CallAlias(Base):
    """An address that a call had before; it leads to the new one and is never given to another call."""

    __tablename__ = "call_alias"

    id: Mapped[Id]
    slug: Mapped[Slug]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)


class PreviewLink(Base):
    """A link that shows a draft to outsiders, until it is revoked."""

    __tablename__ = "preview_link"

    id: Mapped[Id]
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    nonce: Mapped[str] = mapped_column(String(32))
    created_by: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
