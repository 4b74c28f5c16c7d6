"""Where anybody reports what is wrong, and sees on the page of the receipt what became of it."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session
from petition.domain import calls, report_cases, report_decisions, reports
from petition.domain.reports import Reported, Typed
from petition.forms.reports import OUTCOMES, REASONS, ReportForm, SecondLookForm
from petition.http import access, current, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import ip_networks
from petition.models import Report, ReportCase, ReportDecision, ReportedThing, ReportReason, Signature
from petition.web import story_words
from petition.web.abuse import REPORT_LIMIT, check_abuse

bp = Blueprint("reports", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    reports.NoReceipt: ErrorPage(
        404,
        _("There is no receipt at this address"),
        _("A part of the address may be missing, or the report was deleted some time after the outcome."),
    ),
    report_decisions.NoSecondLook: ErrorPage(
        409,
        _("There is no second look"),
        _("It was asked for already, or nothing is decided yet. Each decision is looked at again once."),
    ),
}


@bp.route("/<language:lang>/report", methods=["GET", "POST"])
@access.resendable("text", "name", "email")
def report(lang: str) -> ResponseReturnValue:
    """Ask what is wrong with the thing that ``?about=`` names; on POST take the report and show its receipt."""
    about = request.args.get("about", "")
    reported, form = reports.get_reported(session, about), ReportForm()
    if not form.validate_on_submit():
        page = render_template("reports/report.html", form=form, about=about, **_shown(reported, lang))
        return page, 422 if form.is_submitted() else 200
    # Who reports much is no burden to their own mailbox: it gets few receipts a day.
    due_at = check_abuse(REPORT_LIMIT, form, per_mailbox=False)
    typed = Typed(
        ReportReason(form.reason.data),
        form.text.data or "",
        form.name.data or "",
        form.email.data or "",
        lang,
    )
    row = reports.submit(session, reported, typed, network_digest=_network_digest(about), due_at=due_at)
    session.commit()
    return redirect(url_for(".receipt", lang=lang, token=reports.token(row)), 303)


@bp.get("/<language:lang>/report/<token>")
def receipt(lang: str, token: str) -> ResponseReturnValue:
    """Show who reported something that it arrived, and what was decided."""
    return _receipt(lang, token, reports.get_report(session, token), SecondLookForm())


@bp.post("/<language:lang>/report/<token>")
def ask_again(lang: str, token: str) -> ResponseReturnValue:
    """Ask for a second look, as somebody who reported."""
    row, form = reports.get_report(session, token), SecondLookForm()
    if not form.validate_on_submit():
        return _receipt(lang, token, row, form), 422
    report_decisions.ask_again(session, row, form.words.data or "")
    session.commit()
    return redirect(url_for(".receipt", lang=lang, token=token), 303)


@bp.app_template_global("report_about")
def report_about(signature: Signature) -> tuple[ReportCase, Sequence[ReportDecision]] | None:
    """Return the case because of which a story was held or hidden, and its decisions, for the author's page."""
    case = report_decisions.find_about(session, signature)
    return (case, report_decisions.decisions(session, case)) if case else None


@bp.app_template_global("report_url")
def report_url(lang: str, about: str) -> str:
    """Return where to report something, such as ``call:open-culture``."""
    return url_for("reports.report", lang=lang, about=about)


@bp.app_template_filter("report_reason")
def report_reason(reason: str) -> str:
    """Return what a class of reasons says."""
    return str(REASONS[ReportReason(reason)])


def _receipt(lang: str, token: str, row: Report, form: SecondLookForm) -> str:
    decided = report_decisions.decisions(session, row.case)
    return render_template(
        "reports/receipt.html",
        token=token,
        report=row,
        case=row.case,
        decisions=decided,
        is_public=report_cases.subject(session, row.case).is_public,
        may_ask_again=report_decisions.may_ask_again(row.case, decided),
        form=form,
        outcomes=OUTCOMES,
        address=urls.absolute(url_for(".receipt", lang=lang, token=token)),
        text=calls.text_of(session, row.case.call, lang),
    )


def _shown(reported: Reported, lang: str) -> dict[str, Any]:
    """Return what is shown of a thing above the form."""
    return {
        "thing": reported.thing,
        "call": reported.call,
        "story": reported.story,
        "details": story_words.details_of(reported.story) if reported.story else [],
        "is_picture": reported.thing == ReportedThing.PICTURE,
        "text": calls.text_of(session, reported.call, lang),
    }


def _network_digest(about: str) -> bytes:
    """Return a digest of the network from which a report comes, another one for each thing that is reported."""
    key = sha256(b"petition.reports\0" + current.settings().secret_keys[-1].encode()).digest()
    _household, network = ip_networks.client_networks(request.remote_addr or "")
    return hmac.digest(key, f"{about} {network}".encode(), sha256)
