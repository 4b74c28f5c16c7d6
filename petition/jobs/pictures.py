"""Deletes pictures that nobody used."""

from datetime import timedelta

from sqlalchemy.orm import Session

from petition import terms
from petition.domain import pictures
from petition.lib import clock

KEEP_UNUSED = timedelta(days=terms.UNUSED_PICTURE_DAYS)

LIMIT = 100


def delete_unused_pictures(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` pictures that no call has used for so long since they were uploaded; returns how many."""
    deleted = pictures.delete_unused(session, before=clock.now() - KEEP_UNUSED, limit=limit)
    session.commit()
    return deleted


JOBS = (delete_unused_pictures,)
