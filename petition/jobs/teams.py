"""Forgets whom teams invited."""

from datetime import timedelta

from sqlalchemy.orm import Session

from petition import terms
from petition.domain import teams
from petition.jobs.retention import LIMIT
from petition.lib import clock

KEEP = timedelta(days=terms.LETTER_DAYS)


def forget_invitations(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` invitations that ran out longer ago than KEEP, answered or not; returns how many."""
    forgotten = teams.delete_invitations(session, before=clock.now() - KEEP, limit=limit)
    session.commit()
    return forgotten


JOBS = (forget_invitations,)
