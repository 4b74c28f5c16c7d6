"""The outbox: one row per mail, written in the same transaction as its cause."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Digest, Id, Language, by_value


class LetterState(StrEnum):
    """Where a letter stands; ``failed`` is final and visible to operators."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Letter(Base):
    """One mail to one person.

    The text is written when it is sent, from the state of things at that moment; so no link lies in the database and
    somebody who confirmed meanwhile is told so. ``due_at`` is when to try next; a worker that takes the letter moves it
    to the end of its lease, so a killed worker's letters come back by themselves. ``version`` names the words of a
    signature that it is about, or the row of an organiser's letter.
    """

    __tablename__ = "letter"
    __table_args__ = (
        Index(
            "ix_letter_due",
            "priority",
            "due_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index("ix_letter_email_digest", "email_digest", "created_at"),
        # The number is part of the Message-ID, so it is never given twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    template: Mapped[str] = mapped_column(String(40))
    priority: Mapped[int]
    state: Mapped[LetterState] = mapped_column(by_value(LetterState), default=LetterState.WAITING)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    version: Mapped[str] = mapped_column(String(32), default="")
    email_digest: Mapped[Digest]
    recipient: Mapped[str | None] = mapped_column(String(320))
    language: Mapped[Language]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(200), default="")
