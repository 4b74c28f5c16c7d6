"""What Prometheus asks: how requests went, how many letters wait and since when, and how the totals stand."""

import time
from collections.abc import Iterator

import structlog
from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from petition.db import session
from petition.domain import calls, totals
from petition.domain import metrics as tables
from petition.lib import clock
from petition.lib import metrics as counts
from petition.web import guards

bp = Blueprint("metrics", __name__)
bp.before_request(guards.operators)

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_COUNTED = {("signing.sign", 303): counts.signups, ("signing.count", 303): counts.confirmations}

log = structlog.get_logger()


def prepare(app: Flask) -> None:
    """Measure and log every request that the application answers."""
    app.before_request(_begin)
    app.after_request(_end)


@bp.get("/metrics")
def metrics() -> Response:
    """Return what was counted and how things stand, as Prometheus reads it."""
    now = CollectorRegistry()
    now.register(_Tables())
    return Response(counts.text() + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


class _Tables(Collector):
    """What stands in the tables at this moment; a database that is away is one of the answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            waiting = tables.waiting(session)
            shown = calls.published(session)
            of_call = totals.of_all(session, shown)
        except SQLAlchemyError:
            session.rollback()
            yield GaugeMetricFamily("petition_database_up", "Whether the database answered.", 0)
            return
        age = (clock.now() - waiting.since).total_seconds() if waiting.since else 0
        yield GaugeMetricFamily("petition_database_up", "Whether the database answered.", 1)
        yield GaugeMetricFamily("petition_letters_waiting", "Letters that wait.", waiting.all)
        yield GaugeMetricFamily("petition_letters_due", "Letters that wait and could leave now.", waiting.due)
        yield GaugeMetricFamily("petition_letters_oldest_seconds", "Since when the oldest of these waits.", age)
        signatures = GaugeMetricFamily("petition_signatures", "Confirmed signatures.", labels=["call"])
        for call in shown:
            signatures.add_metric([call.slug], of_call[call.id].confirmed)
        yield signatures


def _begin() -> None:
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    seconds = time.monotonic() - g.get("began", time.monotonic())
    endpoint, status = request.endpoint or "none", response.status_code
    method = request.method if request.method in _METHODS else "other"
    counts.requests.labels(endpoint, method, str(status)).observe(seconds)
    if counter := _COUNTED.get((endpoint, status)):
        counter.labels((request.view_args or {}).get("lang", "")).inc()
    log.info("request", endpoint=endpoint, method=method, status=status, ms=round(seconds * 1000, 1))
    return response
