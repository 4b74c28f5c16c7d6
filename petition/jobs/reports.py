"""Tells who reported what has gone by itself, and forgets reports and who made them."""

from sqlalchemy.orm import Session

from petition.domain import report_decisions, reports

LIMIT = 1000


def close_gone(session: Session, limit: int = LIMIT) -> int:
    """Decide up to ``limit`` cases about what is not public any more; returns how many."""
    closed = report_decisions.close_gone(session, limit=limit)
    session.commit()
    return closed


def forget_reporters(session: Session) -> int:
    """Forget who made the reports that are older than REPORT_ADDRESS_DAYS; returns how many."""
    forgotten = reports.forget_people(session)
    session.commit()
    return forgotten


def forget_reports(session: Session, limit: int = LIMIT) -> int:
    """Delete up to ``limit`` cases that were decided REPORT_DAYS ago; returns how many."""
    forgotten = reports.delete_old(session, limit=limit)
    session.commit()
    return forgotten


JOBS = (close_gone, forget_reporters, forget_reports)
