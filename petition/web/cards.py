"""The picture of a call for other sites and programs: the ask and the number."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template

from petition.config import folder
from petition.db import session
from petition.domain import calls, totals
from petition.http import access, current
from petition.http.cacheable import cacheable
from petition.lib import typesetting

bp = Blueprint("cards", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/calls/<slug:call>/card.png")
@cacheable(ttl=60.0, cache_control="public, max-age=60, stale-if-error=600")
def call(lang: str, call: str) -> Response:
    """Return the ask and the number as a picture of 1200 × 630 pixels."""
    row = calls.get_call(session, call)
    words = render_template(
        "cards/call.json",
        call=row,
        text=calls.text_of(session, row, lang),
        total=totals.for_call(session, row),
        host=urlsplit(current.settings().base_url).hostname,
        printable=typesetting.printable,
    )
    response = Response(typesetting.png(folder("templates") / "cards" / "call.typ", words), mimetype="image/png")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
