"""What people should know: privacy and accessibility."""

from flask import Blueprint, render_template

from petition.http import access
from petition.http.cacheable import HOURLY, cacheable

bp = Blueprint("about", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/privacy")
@cacheable(ttl=60.0, cache_control=HOURLY)
def privacy(lang: str) -> str:
    """Tell what is stored, why, and for how long."""
    return render_template("about/privacy.html")


@bp.get("/<language:lang>/accessibility")
@cacheable(ttl=60.0, cache_control=HOURLY)
def accessibility(lang: str) -> str:
    """Tell how accessible the site is, and where to complain."""
    return render_template("about/accessibility.html")
