"""Checks the totals against the signatures."""

from collections import Counter

import structlog
from sqlalchemy.orm import Session

from petition.domain import totals
from petition.lib import metrics
from petition.models import Dimension

log = structlog.get_logger()


def report_drift(session: Session) -> int:
    """Log and measure which figures do not agree with the signatures; returns how many."""
    drift = totals.drift(session)
    session.rollback()
    wrong = Counter(figure.dimension for figure in drift)
    for dimension in Dimension:
        metrics.drift.labels(dimension).set(wrong[dimension])
    for figure in drift:
        log.error("drift", call=figure.call_id, dimension=figure.dimension, key=figure.key, missing=figure.confirmed)
    return len(drift)
