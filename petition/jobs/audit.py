"""Forgets old entries of the audit log, and from which networks entries came."""

from sqlalchemy.orm import Session

from petition.domain import audit


def forget_entries(session: Session) -> int:
    """Delete the entries of days that ended AUDIT_YEARS ago; returns how many."""
    forgotten = audit.delete_old_days(session)
    session.commit()
    return forgotten


def forget_networks(session: Session) -> int:
    """Delete the digests of networks that are older than AUDIT_NETWORK_DAYS; returns how many."""
    forgotten = audit.delete_networks(session)
    session.commit()
    return forgotten


JOBS = (forget_entries, forget_networks)
