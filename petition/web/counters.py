"""The counters that other sites show: JSON and a badge."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import force_locale, format_decimal
from flask_babel import gettext as _

from petition.db import session
from petition.domain import calls, totals
from petition.http import access, cors
from petition.http.cacheable import cacheable, one_of, truncated
from petition.lib import accents
from petition.lib.languages import INTERFACE

bp = Blueprint("counters", __name__)
bp.before_request(access.same_origin_only)
cors.open_to_all(bp)

STYLES = ("plain", "dark")


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
@cacheable(ttl=1.0, params={"lang": one_of(INTERFACE), "label": truncated(60), "style": one_of(STYLES, STYLES[0])})
def as_svg(call: str) -> Response:
    """Return the total as a badge that screen readers can read."""
    row = calls.get_call(session, call)
    total = totals.for_call(session, row)
    lang = request.args.get("lang", row.language)
    with force_locale(lang if lang in INTERFACE else INTERFACE[0]):
        label = request.args.get("label") or _("signatures")
        number = format_decimal(total.total)
        svg = render_template(
            "counters/badge.svg",
            lang=lang,
            label=label,
            number=number,
            accent=accents.get(row.campaign.accent),
            style=request.args.get("style", STYLES[0]),
            as_of=total.as_of.isoformat(timespec="seconds"),
            label_width=_width(label),
            number_width=_width(number),
        )
    return Response(svg, mimetype="image/svg+xml")


def _width(text: str) -> int:
    """Return roughly how many pixels a text takes at 13 px, with room on both sides."""
    return round(sum(11 if ord(letter) > 0x2E80 else 7.4 for letter in text)) + 20
