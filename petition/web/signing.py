"""The form of a call, and the page that asks to look into the mailbox."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import calls
from petition.domain.settings import SigningPaused
from petition.errors import CallNotOpen, CallPaused
from petition.forms import stories
from petition.http import access, urls
from petition.http.cacheable import cacheable
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.mail.message import subject_line
from petition.web import call_page, taking

bp = Blueprint("signing", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    CallPaused: ErrorPage(
        409,
        lazy_gettext("Signing is paused"),
        lazy_gettext(
            "The organisers have paused this petition for now; its page says why. Nothing was sent. Who has an e-mail from us can still confirm."
        ),
    ),
    CallNotOpen: ErrorPage(
        409, lazy_gettext("Signing is not open"), lazy_gettext("This petition has closed, or is not open yet.")
    ),
    SigningPaused: ErrorPage(
        409,
        lazy_gettext("Signing is paused"),
        lazy_gettext(
            "Nobody can sign on this site for the moment. What you typed is kept on this page: try again later."
        ),
    ),
}


@bp.post("/<language:lang>/calls/<slug:call>", endpoint="sign_here")
@bp.post("/<language:lang>/calls/<slug:call>/sign")
@urls.shown_at("calls.call")
@access.resendable("name", "email", "country", *stories.FIELD_NAMES)
def sign(lang: str, call: str) -> ResponseReturnValue:
    """Take the wish to sign; the letter with the link follows, and the answer is the same for every address."""
    refused = taking.take(lang, call, call_page.render)
    return refused or redirect(url_for("signing.check_mail", lang=lang, call=call), 303)


@bp.get("/<language:lang>/calls/<slug:call>/sign")
def form(lang: str, call: str) -> ResponseReturnValue:
    """Lead people who open the form's own address to the form."""
    return redirect(url_for("calls.call", lang=lang, call=calls.get_call(session, call).slug, _anchor="sign"), 303)


@bp.get("/<language:lang>/calls/<slug:call>/check-mail")
@cacheable(ttl=1.0)
def check_mail(lang: str, call: str) -> str:
    """Ask to look into the mailbox; the same page for everybody."""
    row = calls.get_call(session, call)
    text = calls.text_of(session, row, lang)
    subject = subject_line(_("Confirm your signature: %(title)s", title=text.title))
    return render_template("signing/check_mail.html", call=row, text=text, subject=subject)
