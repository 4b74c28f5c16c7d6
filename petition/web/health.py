"""Whether the process, the database and the migrations are well."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from petition.db import revision, session
from petition.errors import NotFound
from petition.http import access, current
from petition.lib import tokens

bp = Blueprint("health", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database answers and has the tables that this code needs."""
    found, needed = revision(session), current_app.config["REVISION"]
    is_ready = found == needed
    words = {"status": "ok" if is_ready else "migrate", "revision": found, "needed": needed} | _seen()
    return jsonify(words), 200 if is_ready else 503


def _seen() -> dict[str, Any]:
    """Tell ``petition doctor``, who signs with the site's own key, what arrives of its request."""
    try:
        tokens.read("doctor", request.headers.get("Petition-Doctor", ""), timedelta(minutes=1))
    except (NotFound, tokens.LinkExpired):
        return {}
    return {
        "seen": {
            "scheme": request.scheme,
            "forwarded_for": [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part],
            "trusted_proxies": current.settings().trusted_proxies,
        }
    }
