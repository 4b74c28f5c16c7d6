"""What people should know: privacy and accessibility."""

from flask import Blueprint, Response, make_response, render_template

from petition.http import access, security_headers

bp = Blueprint("about", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/privacy")
def privacy(lang: str) -> Response:
    """Tell what is stored, why, and for how long."""
    return security_headers.cacheable(make_response(render_template("about/privacy.html")), security_headers.HOURLY)


@bp.get("/<language:lang>/accessibility")
def accessibility(lang: str) -> Response:
    """Tell how accessible the site is, and where to complain."""
    return security_headers.cacheable(
        make_response(render_template("about/accessibility.html")), security_headers.HOURLY
    )
