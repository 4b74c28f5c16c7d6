"""What is asked of the tables every few seconds, and so may cost hardly anything."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain.letters import IS_WAITING
from petition.lib import clock
from petition.models import Letter, LetterState

_FIRST = 10_000


class Waiting(NamedTuple):
    """How many letters wait, how many of them are due, and when the oldest of these was written."""

    all: int
    due: int
    since: datetime | None


def waiting(session: Session) -> Waiting:
    """Return how many letters wait, which an index tells alone, and since when those first in line do."""
    is_due = Letter.due_at <= clock.now()
    first = select(Letter.created_at).where(IS_WAITING, is_due).order_by(Letter.priority, Letter.due_at).limit(_FIRST)
    oldest = select(func.min(first.subquery().c.created_at)).scalar_subquery()
    numbers = select(func.count(), func.count().filter(is_due), oldest).where(IS_WAITING)
    return Waiting(*session.execute(numbers).one())


def count_due(session: Session) -> int:
    """Return how many letters a worker would claim now."""
    due = select(func.count()).where(IS_WAITING, Letter.due_at <= clock.now())
    return session.scalar(due) or 0


def count_late(session: Session) -> int:
    """Return how many letters should have been claimed ten minutes ago."""
    late = select(func.count()).where(IS_WAITING, Letter.due_at < clock.now() - timedelta(minutes=10))
    return session.scalar(late) or 0


def count_failed(session: Session) -> int:
    """Return how many letters were given up and are still remembered."""
    return session.scalar(select(func.count()).where(Letter.state == LetterState.FAILED)) or 0
