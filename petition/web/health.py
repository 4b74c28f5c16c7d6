"""Whether the process, the database and the migrations are well."""

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from petition.db import session
from petition.web import guards

bp = Blueprint("health", __name__)
bp.before_request(guards.public)


@bp.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say whether the database answers and has the tables that this code needs."""
    found, needed = session.scalar(text("select version_num from alembic_version")), current_app.config["REVISION"]
    is_ready = found == needed
    return jsonify(status="ok" if is_ready else "migrate", revision=found, needed=needed), 200 if is_ready else 503
