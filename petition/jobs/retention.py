"""Forgets what is not needed any more; each job may be started twice and killed at any time."""

from datetime import timedelta

from sqlalchemy.orm import Session

from petition import terms
from petition.db import truncate_wal
from petition.domain import retention
from petition.lib import clock, erasure_log
from petition.models import CONFIRM_WITHIN

KEEP_WITHDRAWN = timedelta(hours=terms.UNDO_HOURS)
# So long a decision may still be undone and made anew, and its author be told of that.
KEEP_DECIDED = timedelta(hours=1)
WAIT_FOR_DECISION = timedelta(days=terms.DECISION_DAYS)
KEEP_LETTERS = timedelta(days=terms.LETTER_DAYS)

LIMIT = 1000


def forget_unconfirmed(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` signatures that nobody confirmed in time; returns how many."""
    forgotten = retention.delete_unconfirmed(session, before=clock.now() - CONFIRM_WITHIN, limit=limit)
    session.commit()
    return forgotten


def forget_withdrawn(session: Session, limit: int = LIMIT) -> int:
    """Take the personal data from up to ``limit`` signatures withdrawn a day ago; returns how many."""
    forgotten = retention.strip_withdrawn(session, before=clock.now() - KEEP_WITHDRAWN, limit=limit)
    session.commit()
    return forgotten


def forget_decided(session: Session, limit: int = LIMIT) -> int:
    """Take the addresses that were kept for decisions about stories, decided or not; returns how many."""
    now = clock.now()
    forgotten = retention.forget_decided(
        session, decided_before=now - KEEP_DECIDED, confirmed_before=now - WAIT_FOR_DECISION, limit=limit
    )
    session.commit()
    return forgotten


def forget_letters(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` letters that were sent or failed and are older than KEEP_LETTERS; returns how many."""
    forgotten = retention.delete_letters(session, before=clock.now() - KEEP_LETTERS, limit=limit)
    session.commit()
    return forgotten


def forget_erasures(_session: Session) -> int:
    """Delete the notes of erasures that are older than any backup; returns how many days' notes."""
    return erasure_log.prune()


def overwrite_deleted(session: Session) -> int:
    """Let SQLite write back its log and empty it, for what was deleted still stands there; returns 1 when it is empty.

    Where somebody reads at that moment, it happens an hour later. PostgreSQL does its own by itself.
    """
    return int(truncate_wal(session))


JOBS = (forget_unconfirmed, forget_withdrawn, forget_decided, forget_letters, forget_erasures, overwrite_deleted)
