"""How many letters may leave in one minute, and what is forgotten of machines."""

from datetime import timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from petition.domain import guard
from petition.jobs.retention import LIMIT
from petition.lib import clock


def forget_counts(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` counts of requests whose window has ended; returns how many."""
    forgotten = guard.delete_ended(session, limit=limit)
    session.commit()
    return forgotten


def room(session: Session, per_minute: int, wanted: int) -> int:
    """Return how many of the ``wanted`` letters may still leave in this minute; 0 ``per_minute`` means all."""
    return max(0, min(wanted, per_minute - guard.current(session, _minute()))) if per_minute else wanted


def note_taken(session: Session, per_minute: int, letters: int) -> None:
    """Count letters that a worker took to send them in this minute."""
    if per_minute and letters:
        guard.increment(session, _minute(), clock.now() + timedelta(minutes=2), letters)


def _minute() -> bytes:
    return sha256(f"letters {clock.now():%Y-%m-%dT%H:%M}".encode()).digest()
