"""The counters that other sites show: JSON and a badge."""

import json

from flask import Blueprint, Response, jsonify, render_template, request

from petition.config import folder
from petition.db import session
from petition.domain import calls, totals
from petition.http import access, cors
from petition.http.cacheable import cacheable, one_of, truncated
from petition.lib import accents, badges, typesetting
from petition.lib.embed_words import EMBED_WORDS, written
from petition.models import Call

bp = Blueprint("counters", __name__)
bp.before_request(access.same_origin_only)
cors.open_to_all(bp)

STYLES = ("plain", "dark")
PNG_CACHE_CONTROL = "public, max-age=10"

_PARAMS = {"lang": one_of(EMBED_WORDS), "label": truncated(60), "style": one_of(STYLES, STYLES[0])}


@bp.get("/counters/<slug:call>.json", endpoint="json")
@cacheable(ttl=1.0)
def as_json(call: str) -> Response:
    """Return the total of a call, its parts, and the instant it is true for."""
    row = calls.get_call(session, call)
    total = totals.for_call(session, row)
    return jsonify(
        call=row.slug,
        confirmed=total.confirmed,
        paper=total.paper,
        partner_reported=total.partner_reported,
        total=total.total,
        goal=total.goal,
        as_of=total.as_of.isoformat(timespec="milliseconds"),
        closed=row.is_closed,
        today=total.today,
    )


@bp.get("/counters/<slug:call>.svg", endpoint="svg")
@cacheable(ttl=1.0, params=_PARAMS)
def as_svg(call: str) -> Response:
    """Return the total as a badge that screen readers can read."""
    return Response(_badge(calls.get_call(session, call)), mimetype="image/svg+xml")


@bp.get("/counters/<slug:call>.png", endpoint="png")
@cacheable(ttl=10.0, cache_control=PNG_CACHE_CONTROL, params=_PARAMS)
def as_png(call: str) -> Response:
    """Return the same for newsletters, which show no SVG: 480 × 80 pixels, to be shown half as large."""
    svg = _badge(calls.get_call(session, call))
    picture = typesetting.png(folder("templates") / "cards" / "badge.typ", json.dumps({"svg": svg}))
    return Response(picture, mimetype="image/png")


def _badge(call: Call) -> str:
    total = totals.for_call(session, call)
    named = request.args.get("lang", call.language)
    lang = named if named in EMBED_WORDS else "en"
    label, number = request.args.get("label") or EMBED_WORDS[lang].signatures, written(total.total, lang)
    return render_template(
        "counters/badge.svg",
        lang=lang,
        label=label,
        number=number,
        accent=accents.get(call.campaign.accent),
        style=request.args.get("style", STYLES[0]),
        as_of=total.as_of.isoformat(timespec="seconds"),
        badge=badges.layout(number, label),
    )
