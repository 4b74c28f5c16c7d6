"""What partners' programs say: how many signatures they collected elsewhere, one table a day."""

import re
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from limits import parse_many
from werkzeug.exceptions import RequestEntityTooLarge

from petition.db import session
from petition.domain import calls, partner_reports, partner_tokens
from petition.errors import NotFound, PetitionError
from petition.forms.partner_reports import MAX_BYTES, NoTable, NotJson, table
from petition.http import access, rate_limits
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.http.rate_limits import rate_limit
from petition.models import Partner, PartnerReport, PartnerReportState

bp = Blueprint("partner_reports", __name__, url_prefix="/api/v1/partners/<slug:partner>/calls/<slug:call>")
bp.before_request(access.same_origin_only)

# Only right tokens count for a partner, and only wrong ones for a network, so that nobody uses up somebody else's.
PARTNER_LIMIT = parse_many("120/10minutes;2000/day")
WRONG_TOKEN_LIMIT = rate_limit("partner-token", household="30/10minutes;200/day", network="300/10minutes;2000/day")

# So many of what was said about one day are shown.
_MOST_SHOWN = 20


class WrongToken(PetitionError):
    """Raised for a token that is not one of this partner; also where there is no such partner, or it is paused."""


class NotAJsonType(PetitionError):
    """Raised for a body that does not say that it is JSON."""


class NoDay(PetitionError):
    """Raised for an address whose day is none."""


ERRORS: ErrorPages = {
    WrongToken: ErrorPage(
        401,
        _("Who is asking?"),
        _("Send a token of this partner, as “Authorization: Bearer pt_…”. One that was revoked is good no more."),
    ),
    NotJson: ErrorPage(400, _("We did not understand"), _("Send JSON in UTF-8.")),
    NoTable: ErrorPage(422, _("This is no table"), _("Send numbers of signatures by country, and their source.")),
    NotAJsonType: ErrorPage(415, _("Not this way"), _("Send JSON, and say so: “Content-Type: application/json”.")),
    NoDay: ErrorPage(422, _("There is no such day"), _("End the address with a day such as 2026-05-09.")),
    partner_reports.FutureDay: ErrorPage(
        422, _("Not this day"), _("This day has not begun yet in UTC. Report it when it has.")
    ),
    partner_reports.DayBeforeOpening: ErrorPage(
        422, _("Not this day"), _("Signatures count from the day (UTC) on which the petition opened.")
    ),
    partner_reports.DayAfterClosing: ErrorPage(
        422, _("Not this day"), _("Signatures count until the day (UTC) on which the petition closed.")
    ),
}


@bp.after_request
def _name_scheme(response: Response) -> Response:
    """Say how to prove who one is; RFC 6750."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="partner reports"'
    return response


@bp.put("/reports/<day>")
def put(partner: str, call: str, day: str) -> ResponseReturnValue:
    """Take the table of a day: 201 for what is new, 200 for what was said before."""
    row, place = _partner(partner), calls.get_call(session, call)
    reported_day = _day(day)
    if request.mimetype != "application/json":
        raise NotAJsonType
    body = request.get_data()
    if len(body) > MAX_BYTES:
        raise RequestEntityTooLarge
    given = table(body)
    report, is_new = partner_reports.put(
        session, row, place, reported_day, countries=given.countries, source=given.source
    )
    session.commit()
    return _answer(report), 201 if is_new else 200


@bp.get("/reports/<day>")
def get(partner: str, call: str, day: str) -> ResponseReturnValue:
    """Return what was said last about a day, and what was said before."""
    row, place = _partner(partner), calls.get_call(session, call)
    if place.campaign.team_id != row.team_id:
        raise NotFound
    reports = partner_reports.of_day(session, row, place, _day(day), limit=_MOST_SHOWN)
    if not reports:
        raise NotFound
    return _answer(*reports)


def _partner(slug: str) -> Partner:
    """Return the partner whose token is sent, within its limit; raises WrongToken and TooManyRequests."""
    sent = re.fullmatch(r"(?i:bearer) +([\w-]{1,100})", request.headers.get("Authorization", ""), re.ASCII)
    row = partner_tokens.find_partner(session, sent[1], slug) if sent else None
    if row is None:
        rate_limits.check(WRONG_TOKEN_LIMIT)
        raise WrongToken
    rate_limits.check_thing(f"partner-reports {row.id}", PARTNER_LIMIT)
    return row


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise NoDay
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoDay from None


def _answer(report: PartnerReport, *earlier: PartnerReport) -> Response:
    """Return what was said last, whether it counts, and what counts for the day."""
    is_waiting = report.state == PartnerReportState.WAITING
    return jsonify(
        partner=report.partner.slug,
        call=report.call.slug,
        day=report.day.isoformat(),
        counted=partner_reports.counted(session, report),
        doubts=partner_reports.doubts(session, report) if is_waiting else [],
        **_said(report),
        earlier=[_said(one) for one in earlier],
    )


def _said(report: PartnerReport) -> dict[str, Any]:
    return {
        "revision": report.revision,
        "state": report.state,
        "signatures": report.signatures,
        "countries": report.countries,
        "source": report.source,
        "received_at": report.received_at.isoformat(timespec="milliseconds"),
    }
