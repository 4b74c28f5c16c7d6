"""The calls to action."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import calls
from petition.forms.signing import SignForm
from petition.http import access, urls
from petition.http.cacheable import cacheable
from petition.web import call_page

bp = Blueprint("calls", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/calls/<slug:call>")
@cacheable(ttl=1.0)
def call(lang: str, call: str) -> str:
    """Show a call with its total and its form."""
    row = calls.get_call(session, call)
    return call_page.render(lang, row, SignForm(lang))


@bp.get("/c/<slug:call>")
def short(call: str) -> ResponseReturnValue:
    """Lead to a call in the reader's language; who is credited, and the way people came, travel on."""
    row = calls.get_call(session, call)
    partner, via = (urls.slug(request.args.get(name, "")) for name in ("partner", "via"))
    response = redirect(url_for(".call", lang=urls.language(), call=row.slug, partner=partner, via=via))
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
