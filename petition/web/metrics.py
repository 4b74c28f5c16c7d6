"""What Prometheus asks: what all processes counted, how many letters wait and since when, how the totals stand."""

from collections.abc import Iterator

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from petition.db import session
from petition.domain import calls, totals
from petition.domain import metrics as tables
from petition.http import access
from petition.lib import clock
from petition.lib import metrics as registry

bp = Blueprint("metrics", __name__)
bp.before_request(access.require_operator)


@bp.get("/metrics")
def metrics() -> Response:
    """Return what was counted and how things stand, as Prometheus reads it."""
    now = CollectorRegistry()
    now.register(_Tables())
    return Response(registry.text() + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


class _Tables(Collector):
    """What stands in the tables at this moment; a database that is away is one of the answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            waiting = tables.waiting(session)
            shown = calls.published(session)
            of_call = totals.for_calls(session, shown)
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
