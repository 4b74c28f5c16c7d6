"""Forgets what is not needed of accounts any more; each job may be started twice and killed at any time."""

from sqlalchemy.orm import Session

from petition.domain import account_retention
from petition.jobs.retention import LIMIT


def forget_sessions(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` sessions that ended, and browsers that nobody used for 90 days; returns how many."""
    forgotten = account_retention.delete_sessions(session, limit=limit)
    session.commit()
    return forgotten


def forget_expired(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` of each kind of link or challenge that nobody used in time; returns how many."""
    forgotten = account_retention.delete_expired(session, limit=limit)
    session.commit()
    return forgotten


JOBS = (forget_sessions, forget_expired)
