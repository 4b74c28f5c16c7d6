"""Forgets what is not needed of signatures any more, a batch at a time."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.models import Call, CallState, Signature, SignatureState


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
    stripped = update(Signature).where(Signature.id.in_(old), still).values(name=None, story=None)
    return len(session.scalars(stripped.returning(Signature.id)).all())
