"""What is forgotten of those who began to use a passkey."""

from sqlalchemy.orm import Session

from petition.domain import factors
from petition.jobs.retention import LIMIT


def forget_challenges(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` challenges that nobody answered in time; returns how many."""
    forgotten = factors.delete_expired_challenges(session, limit=limit)
    session.commit()
    return forgotten


JOBS = (forget_challenges,)
