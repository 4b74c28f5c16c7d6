"""What people report: a story, a call or a picture, why, and what was decided about it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import terms
from petition.models.base import Base, Digest, Id, Language, LongText, by_value
from petition.models.calls import Call

# The word in ``story.held_because`` of a story that a report took from the public until a moderator has read it.
REPORTED = "reported"


class ReportedThing(StrEnum):
    """What can be reported."""

    STORY = "story"
    CALL = "call"
    PICTURE = "picture"


class ReportReason(StrEnum):
    """What is said to be wrong; a decision against a thing names one of them as its ground."""

    ILLEGAL = "illegal"
    PRIVACY = "privacy"
    HATRED = "hatred"
    SPAM = "spam"
    COPYRIGHT = "copyright"
    NOT_OWN = "not-own"
    OTHER = "other"


class ReportOutcome(StrEnum):
    """What was decided: it stays, a story is hidden, a call or picture removed, or it had gone by itself."""

    KEPT = "kept"
    HIDDEN = "hidden"
    REMOVED = "removed"
    GONE = "gone"


class CaseState(StrEnum):
    """Where all reports about one thing stand together; ``appealed`` waits for a second look, ``closed`` had it."""

    OPEN = "open"
    DECIDED = "decided"
    APPEALED = "appealed"
    CLOSED = "closed"


class ReportCase(Base):
    """All reports about one thing, from the first of them until they are decided; there is one open case for a thing.

    ``thing_id`` has no foreign key: what its author erases is gone, and who reported it is told so. ``reports`` counts
    those that count, and each of them after the first moves ``rank_at``, by which the queue is ordered, to an earlier
    moment. ``held_at`` says when a story was hidden by itself. ``appealed_by`` is the report whose author asked for a
    second look, and ``appeal`` why.
    """

    __tablename__ = "report_case"
    __table_args__ = (
        Index(
            "uq_report_case_open",
            "thing",
            "thing_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index("ix_report_case_thing", "thing", "thing_id"),
        Index("ix_report_case_queue", "state", "rank_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    thing: Mapped[ReportedThing] = mapped_column(by_value(ReportedThing))
    thing_id: Mapped[int] = mapped_column(BigInteger)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)
    state: Mapped[CaseState] = mapped_column(by_value(CaseState), default=CaseState.OPEN)
    reports: Mapped[int] = mapped_column(default=0)
    rank_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    appealed_at: Mapped[datetime | None]
    appealed_by: Mapped[int | None]
    appeal: Mapped[LongText] = mapped_column(default="")

    call: Mapped[Call] = relationship(lazy="joined", innerjoin=True)

    @property
    def team_id(self) -> int | None:
        """The team that answers for what was reported, as far as it has one."""
        return self.call.campaign.team_id

    @property
    def is_waiting(self) -> bool:
        """Whether somebody has to decide."""
        return self.state in {CaseState.OPEN, CaseState.APPEALED}


class Report(Base):
    """What one person reports. Name, address and the digests are kept until the outcome, REPORT_ADDRESS_DAYS at most.

    ``is_counted`` is false for the second about the same thing from the same address or network. ``nonce`` is in the
    link to its receipt.
    """

    __tablename__ = "report"
    # The number is on a receipt, so it is never given twice.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("report_case.id", ondelete="CASCADE"), index=True)
    reason: Mapped[ReportReason] = mapped_column(by_value(ReportReason))
    text: Mapped[LongText]
    language: Mapped[Language]
    name: Mapped[str] = mapped_column(String(terms.NAME_LENGTH), default="")
    email: Mapped[str | None] = mapped_column(String(320))
    email_digest: Mapped[Digest | None]
    network_digest: Mapped[Digest | None]
    is_counted: Mapped[bool]
    nonce: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(index=True)

    case: Mapped[ReportCase] = relationship(lazy="joined", innerjoin=True)


# What is left of who reported something.
NOBODY = {"name": "", "email": None, "email_digest": None, "network_digest": None}


class ReportDecision(Base):
    """What was decided about a case: ``number`` 1, and 2 after a second look. ``decided_by`` None is by itself.

    ``ground`` is None where nothing was found; ``sentence`` gives the reasons, in ``language``, to who reported and to
    the author.
    """

    __tablename__ = "report_decision"

    case_id: Mapped[int] = mapped_column(ForeignKey("report_case.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[ReportOutcome] = mapped_column(by_value(ReportOutcome))
    ground: Mapped[ReportReason | None] = mapped_column(by_value(ReportReason))
    sentence: Mapped[LongText]
    language: Mapped[Language]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime]
