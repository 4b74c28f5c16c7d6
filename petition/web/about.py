"""What people should know: privacy, accessibility, and who is behind the site."""

from datetime import timedelta

from flask import Blueprint, render_template

from petition.db import session
from petition.domain import campaigns
from petition.http import access
from petition.http.cacheable import DAY, HOURLY, cacheable
from petition.lib import session_rows

bp = Blueprint("about", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/privacy")
@cacheable(ttl=60.0, cache_control=HOURLY, stale_if_error=DAY)
def privacy(lang: str) -> str:
    """Tell what is stored, why, and for how long."""
    return render_template(
        "about/privacy.html",
        campaigns=campaigns.published(session, lang),
        session_hours=session_rows.IDLE // timedelta(hours=1),
        session_days=session_rows.LIFETIME.days,
    )


@bp.get("/<language:lang>/accessibility")
@cacheable(ttl=60.0, cache_control=HOURLY, stale_if_error=DAY)
def accessibility(lang: str) -> str:
    """Tell how accessible the site is, and where to complain."""
    return render_template("about/accessibility.html")


@bp.get("/<language:lang>/imprint")
@cacheable(ttl=60.0, cache_control=HOURLY, stale_if_error=DAY)
def imprint(lang: str) -> str:
    """Tell who runs the site, and who asks on it."""
    return render_template("about/imprint.html", campaigns=campaigns.published(session, lang))
