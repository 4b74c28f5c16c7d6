"""What people should know: privacy and accessibility."""

from flask import Blueprint, Response, make_response, render_template

from petition.web import guards, headers

bp = Blueprint("about", __name__)
bp.before_request(guards.public)


@bp.get("/<language:lang>/privacy")
def privacy(lang: str) -> Response:
    """Tell what is stored, why, and for how long."""
    return headers.public(make_response(render_template("about/privacy.html")), headers.HOURLY)


@bp.get("/<language:lang>/accessibility")
def accessibility(lang: str) -> Response:
    """Tell how accessible the site is, and where to complain."""
    return headers.public(make_response(render_template("about/accessibility.html")), headers.HOURLY)
