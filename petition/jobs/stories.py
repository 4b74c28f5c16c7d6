"""Deletes share cards of stories that are public no more."""

from datetime import timedelta

from sqlalchemy.orm import Session

from petition.domain import story_cards
from petition.lib import clock

# What was being drawn when a story was retracted is a file by then.
DRAWN_WITHIN = timedelta(minutes=1)

LIMIT = 100


def delete_retracted_cards(session: Session, limit: int = LIMIT) -> int:
    """Delete the share cards of up to ``limit`` stories that were retracted; returns of how many stories."""
    deleted = story_cards.delete_retracted(session, before=clock.now() - DRAWN_WITHIN, limit=limit)
    session.commit()
    return deleted


JOBS = (delete_retracted_cards,)
