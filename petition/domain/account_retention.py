"""Forgets what is not needed of accounts any more, a batch at a time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from petition import terms
from petition.lib import clock, session_rows
from petition.models import AccountReset, Challenge, EmailChange, Invitation, KnownDevice, OrganiserSession

# What became of an invitation is told for so long after it ended; then its address goes.
KEEP_INVITATIONS = timedelta(days=30)


def delete_sessions(session: Session, *, limit: int) -> int:
    """Delete up to ``limit`` sessions that have ended, and as many browsers not seen for 90 days; returns how many."""
    now = clock.now()
    is_idle = OrganiserSession.last_seen_at <= now - session_rows.IDLE
    is_old = OrganiserSession.created_at <= now - session_rows.LIFETIME
    is_forgotten = KnownDevice.last_seen_at <= now - timedelta(days=terms.DEVICE_DAYS)
    return _delete(session, OrganiserSession.id, is_idle | is_old, limit) + _delete(
        session, KnownDevice.id, is_forgotten, limit
    )


def delete_expired(session: Session, *, limit: int) -> int:
    """Delete up to ``limit`` each of challenges, new addresses, resets and invitations whose time is over."""
    now = clock.now()
    return (
        _delete(session, Challenge.id, Challenge.expires_at <= now, limit)
        + _delete(session, EmailChange.organiser_id, EmailChange.expires_at <= now, limit)
        + _delete(session, AccountReset.organiser_id, AccountReset.expires_at <= now, limit)
        + _delete(session, Invitation.id, Invitation.expires_at <= now - KEEP_INVITATIONS, limit)
    )


def _delete(session: Session, key: InstrumentedAttribute[Any], is_over: ColumnElement[bool], limit: int) -> int:
    old = select(key).where(is_over).limit(limit)
    gone = delete(key.class_).where(key.in_(old), is_over).returning(key)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())
