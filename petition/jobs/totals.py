"""Checks the totals against the signatures."""

import structlog
from sqlalchemy.orm import Session

from petition.domain import totals

log = structlog.get_logger()


def report_drift(session: Session) -> int:
    """Log each figure that does not agree with the signatures; returns how many."""
    drift = totals.drift(session)
    session.rollback()
    for figure in drift:
        log.error("drift", call=figure.call_id, dimension=figure.dimension, key=figure.key, missing=figure.confirmed)
    return len(drift)
