"""Forgets what is not needed of signatures and letters any more, a batch at a time."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.models import Letter, LetterState, Signature, SignatureState


def delete_unconfirmed(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` signatures that nobody confirmed, asked for before that moment; returns how many."""
    old = (
        select(Signature.id)
        .where(Signature.state == SignatureState.PENDING, Signature.requested_at < before)
        .limit(limit)
    )
    still = Signature.state == SignatureState.PENDING
    return len(session.scalars(delete(Signature).where(Signature.id.in_(old), still).returning(Signature.id)).all())


def strip_withdrawn(session: Session, *, before: datetime, limit: int) -> int:
    """Take name and story from up to ``limit`` signatures withdrawn before that moment; returns how many."""
    old = (
        select(Signature.id)
        .where(
            Signature.state == SignatureState.WITHDRAWN, Signature.withdrawn_at < before, Signature.name.is_not(None)
        )
        .limit(limit)
    )
    still = Signature.state == SignatureState.WITHDRAWN
    stripped = update(Signature).where(Signature.id.in_(old), still).values(name=None, story=None)
    return len(session.scalars(stripped.returning(Signature.id)).all())


def delete_letters(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` letters that were written before that moment and are done with; returns how many."""
    is_done = Letter.state != LetterState.WAITING
    old = select(Letter.id).where(is_done, Letter.created_at < before).order_by(Letter.id).limit(limit)
    gone = delete(Letter).where(Letter.id.in_(old), is_done).returning(Letter.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
