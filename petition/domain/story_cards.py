"""The files of stories' share cards: deleted when their story is public no more."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petition import db
from petition.lib import clock, media_store
from petition.models import RetractedStory, card_files

# The cards of so many stories are deleted in the transaction that retracts them.
_AT_ONCE = 10


def retract(session: Session, story_ids: Sequence[int]) -> None:
    """Delete the cards of stories, and let a job do so again: one may be drawn now, the store may be away."""
    if not story_ids:
        return
    statement = db.insert(db.is_sqlite(session), RetractedStory).on_conflict_do_update(
        index_elements=[RetractedStory.story_id], set_={"retracted_at": clock.now()}
    )
    rows = [{"story_id": story_id, "retracted_at": clock.now()} for story_id in sorted(story_ids)]
    session.connection().execute(statement, rows)
    with suppress(media_store.StoreUnavailable):
        for story_id in story_ids[:_AT_ONCE]:
            _delete_files(story_id)


def delete_retracted(session: Session, before: datetime, limit: int) -> int:
    """Delete the cards of up to ``limit`` stories that were retracted ``before``; returns of how many stories.

    Of one that is public again it is drawn again. Raises StoreUnavailable.
    """
    old = select(RetractedStory.story_id).where(RetractedStory.retracted_at < before)
    story_ids = session.scalars(old.order_by(RetractedStory.retracted_at).limit(limit)).all()
    for story_id in story_ids:
        _delete_files(story_id)
    still = RetractedStory.story_id.in_(story_ids), RetractedStory.retracted_at < before
    session.execute(delete(RetractedStory).where(*still).execution_options(synchronize_session=False))
    return len(story_ids)


def _delete_files(story_id: int) -> None:
    for name in card_files(story_id):
        media_store.delete(name)
