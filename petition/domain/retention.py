"""Forgets what is not needed of signatures and letters any more, a batch at a time."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from petition.domain import telling
from petition.models import Call, CallState, Letter, LetterState, Signature, SignatureState, Story


def delete_unconfirmed(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` signatures that nobody confirmed, asked for before that moment; returns how many.

    Those of a call that is paused stay: their time stands still.
    """
    paused = select(Call.id).where(Call.state == CallState.PAUSED)
    old = (
        select(Signature.id)
        .where(
            Signature.state == SignatureState.PENDING,
            Signature.requested_at < before,
            Signature.call_id.not_in(paused),
        )
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
    stripped = update(Signature).where(Signature.id.in_(old), still).values(name=None, reason=None)
    ids = session.scalars(stripped.returning(Signature.id)).all()
    telling.forget(session, ids)
    session.execute(delete(Story).where(Story.signature_id.in_(ids)))
    return len(ids)


def forget_decided(session: Session, *, decided_before: datetime, confirmed_before: datetime, limit: int) -> int:
    """Take the address from up to ``limit`` signatures that were kept for a decision about a story alone.

    That is: decided before one moment, or waiting since before the other. Returns how many.
    """
    told = (
        select(Story.signature_id)
        .join(Signature, Signature.id == Story.signature_id)
        .where(Story.wants_letter, or_(Story.decided_at < decided_before, Signature.confirmed_at < confirmed_before))
        .limit(limit)
    )
    ids = session.scalars(told).all()
    session.execute(update(Story).where(Story.signature_id.in_(ids)).values(wants_letter=False))
    session.execute(update(Signature).where(Signature.id.in_(ids), ~Signature.wants_updates).values(email=None))
    return len(ids)


def delete_letters(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` letters that were written before that moment and are done with; returns how many."""
    is_done = Letter.state != LetterState.WAITING
    old = select(Letter.id).where(is_done, Letter.created_at < before).order_by(Letter.id).limit(limit)
    gone = delete(Letter).where(Letter.id.in_(old), is_done).returning(Letter.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
