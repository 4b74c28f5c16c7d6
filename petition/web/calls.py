"""The calls to action."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import calls
from petition.domain.calls import Moved, TakenDown
from petition.http import access, urls
from petition.http.cacheable import cacheable
from petition.models import RemovalReason
from petition.web import call_page

bp = Blueprint("calls", __name__)
bp.before_request(access.same_origin_only)


@bp.get("/<language:lang>/calls/<slug:call>")
@cacheable(ttl=1.0)
def call(lang: str, call: str) -> ResponseReturnValue:
    """Show a call with its total and its form; of one that was taken down when that was, and why."""
    try:
        row = calls.get_call(session, call)
    except TakenDown as taken_down:
        return render_template("calls/taken_down.html", removed=taken_down.call, reasons=RemovalReason), 410
    return call_page.render(lang, row, call_page.form_for(row, lang))


@bp.get("/c/<slug:call>")
def short(call: str) -> ResponseReturnValue:
    """Lead to a call in the reader's language; who is credited, and the way people came, travel on."""
    row = calls.get_call(session, call)
    partner, via = (urls.slug(request.args.get(name, "")) for name in ("partner", "via"))
    response = redirect(url_for(".call", lang=urls.language(), call=row.slug, partner=partner, via=via))
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


@bp.app_errorhandler(Moved)
def moved(moved: Moved) -> ResponseReturnValue:
    """Lead from an earlier address of a call to the one that it has; a form travels on as it was sent."""
    session.rollback()
    values = request.view_args or {}
    if request.endpoint is None or "call" not in values:
        return redirect(url_for(".call", lang=urls.language(), call=moved.slug), 303)
    path = url_for(request.endpoint, **(values | {"call": moved.slug}))
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    response = redirect(path + query, 301 if request.method in {"GET", "HEAD"} else 308)
    response.headers["Cache-Control"] = "public, max-age=60"
    return response
