"""One log line and one measurement for each request that the application answers; no path, no token, no address."""

import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Histogram

from petition.lib import metrics

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

REQUEST_SECONDS = Histogram(
    "petition_request_seconds",
    "How long the application took to answer.",
    ["endpoint", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=metrics.REGISTRY,
)

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Measure and log every request."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    seconds = time.monotonic() - g.get("began", time.monotonic())
    endpoint, status = request.endpoint or "none", response.status_code
    method = request.method if request.method in _METHODS else "other"
    REQUEST_SECONDS.labels(endpoint, method, str(status)).observe(seconds)
    log.info("request", endpoint=endpoint, method=method, status=status, ms=round(seconds * 1000, 1))
    return response
