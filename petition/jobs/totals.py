"""Checks the totals against the signatures."""

from collections import Counter

import prometheus_client
import structlog
from sqlalchemy.orm import Session

from petition.domain import totals
from petition.lib import metrics
from petition.models import Dimension

drift_figures = prometheus_client.Gauge(
    "petition_drift_figures",
    "How many figures did not agree with the signatures at the last recount of a worker.",
    ["dimension"],
    multiprocess_mode="mostrecent",
    registry=metrics.REGISTRY,
)

log = structlog.get_logger()


def report_drift(session: Session) -> int:
    """Log and measure which figures do not agree with the signatures; returns how many."""
    drift = totals.drift(session)
    session.rollback()
    wrong = Counter(figure.dimension for figure in drift)
    for dimension in Dimension:
        drift_figures.labels(dimension).set(wrong[dimension])
    for figure in drift:
        log.error("drift", call=figure.call_id, dimension=figure.dimension, key=figure.key, missing=figure.confirmed)
    return len(drift)


JOBS = (report_drift,)
