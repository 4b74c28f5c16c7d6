"""Checks the totals against the signatures, and the figures of stories against those that are shown."""

from collections import Counter

import prometheus_client
import structlog
from sqlalchemy.orm import Session

from petition.domain import story_tallies, totals
from petition.lib import metrics
from petition.models import Dimension

drift_figures = prometheus_client.Gauge(
    "petition_drift_figures",
    "How many figures did not agree with the signatures or stories at the last recount of a worker.",
    ["dimension"],
    multiprocess_mode="mostrecent",
    registry=metrics.REGISTRY,
)

log = structlog.get_logger()


def report_drift(session: Session) -> int:
    """Log and measure which figures do not agree with what they count; returns how many."""
    drift = [*totals.drift(session), *story_tallies.drift(session)]
    session.rollback()
    wrong = Counter(str(dimension) for _call, dimension, _key, _missing in drift)
    for dimension in (*Dimension, *story_tallies.DIMENSIONS):
        drift_figures.labels(dimension).set(wrong[dimension])
    for call_id, dimension, key, missing in drift:
        log.error("drift", call=call_id, dimension=dimension, key=key, missing=missing)
    return len(drift)


JOBS = (report_drift,)
