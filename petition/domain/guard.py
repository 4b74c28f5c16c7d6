"""Rate counts in the database, for all processes together."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petition import db
from petition.lib import clock
from petition.models import RateCount


def increment(session: Session, key_digest: bytes, ends_at: datetime, hits: int = 1) -> int:
    """Add ``hits`` to the count of a window that ends at ``ends_at``; returns its value. One statement."""
    return session.scalars(
        db.insert(db.is_sqlite(session), RateCount)
        .values(key_digest=key_digest, hits=hits, ends_at=ends_at)
        .on_conflict_do_update(index_elements=[RateCount.key_digest], set_={"hits": RateCount.hits + hits})
        .returning(RateCount.hits)
    ).one()


def current(session: Session, key_digest: bytes) -> int:
    """Return the value of a count, 0 for one that nobody began."""
    return session.scalar(select(RateCount.hits).where(RateCount.key_digest == key_digest)) or 0


def delete_ended(session: Session, *, limit: int) -> int:
    """Delete up to ``limit`` counts whose window has ended; returns how many."""
    is_over = RateCount.ends_at <= clock.now()
    ended = select(RateCount.key_digest).where(is_over).limit(limit)
    gone = delete(RateCount).where(RateCount.key_digest.in_(ended), is_over).returning(RateCount.key_digest)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
