"""Signing, confirming, and "this was not me"."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from prometheus_client import Counter

from petition.db import session
from petition.db.group_commit import GroupCommit
from petition.domain import calls, signing
from petition.forms.signing import SignForm
from petition.http import access, rate_limits, urls
from petition.http.cacheable import cacheable
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import metrics, tokens
from petition.mail.message import subject_line
from petition.models import Signature, SignatureState
from petition.web import call_page
from petition.web.abuse import SIGN_LIMIT, check_abuse

bp = Blueprint("signing", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    signing.CallNotOpen: ErrorPage(
        409, lazy_gettext("Signing is not open"), lazy_gettext("This call has closed, or is not open yet.")
    ),
    signing.NotPending: ErrorPage(
        409,
        lazy_gettext("This signature is not waiting any more"),
        lazy_gettext("It was confirmed, withdrawn or removed meanwhile. Ask for a link to your signatures to see it."),
    ),
}

SIGN_UPS = Counter("petition_signups", "Forms that were accepted.", ["language"], registry=metrics.REGISTRY)
CONFIRMATIONS = Counter(
    "petition_confirmations", "Buttons of letters that were pressed.", ["language"], registry=metrics.REGISTRY
)

_sign, _confirm = GroupCommit(signing.sign), GroupCommit(signing.confirm)


@bp.post("/<language:lang>/calls/<slug:call>/sign")
@urls.shown_at("calls.call")
def sign(lang: str, call: str) -> ResponseReturnValue:
    """Take the wish to sign; the letter with the link follows, and the answer is the same for every address."""
    form = SignForm(lang)
    if not form.validate_on_submit():
        return call_page.render(lang, calls.get_call(session, call), form), 422
    _sign(_signature_request(form, lang, call, due_at=check_abuse(SIGN_LIMIT, form)))
    SIGN_UPS.labels(lang).inc()
    return redirect(url_for(".check_mail", lang=lang, call=call), 303)


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


@bp.get("/<language:lang>/confirm/<token>")
def confirm(lang: str, token: str) -> ResponseReturnValue:
    """Show what will be counted, and one button."""
    try:
        signature = signing.get_to_confirm(session, token)
    except tokens.LinkExpired:
        return _expired(lang, token), 410
    return render_template(
        "signing/confirm.html",
        call=signature.call,
        text=calls.text_of(session, signature.call, lang),
        signature=signature,
        token=token,
        already=signature.is_confirmed,
        me_url=_own_page(lang, signature.id),
    )


@bp.post("/<language:lang>/confirm/<token>")
@urls.shown_at("signing.confirm")
def count(lang: str, token: str) -> ResponseReturnValue:
    """Count the signature and open its supporter's own page; again as often as pressed, counted once."""
    try:
        signature_id = signing.read_link("confirm", token)
    except tokens.LinkExpired:
        return _expired(lang, token), 410
    _confirm(signature_id)
    CONFIRMATIONS.labels(lang).inc()
    return redirect(_own_page(lang, signature_id), 303)


@bp.post("/<language:lang>/confirm/<token>/again")
@urls.shown_at("signing.confirm")
def another_letter(lang: str, token: str) -> ResponseReturnValue:
    """Send a new letter to the address that an old link belongs to."""
    rate_limits.check(SIGN_LIMIT)
    signature = signing.send_again(session, token)
    session.commit()
    return redirect(url_for(".check_mail", lang=lang, call=signature.call.slug), 303)


@bp.route("/<language:lang>/not-me/<token>", methods=["GET", "POST"])
def not_me(lang: str, token: str) -> ResponseReturnValue:
    """Erase a signature whose mailbox did not ask for it, and ask that address no more; the button does it."""
    signature = signing.find_by_link(session, "not-me", token)
    about = _call_context(signature, lang)
    if request.method == "POST" and signature:
        signing.disown(session, signature)
        session.commit()
    done = signature is None or request.method == "POST"
    return render_template("signing/not_me.html", token=token, done=done, **about)


def _signature_request(form: SignForm, lang: str, call: str, due_at: datetime | None) -> signing.SignatureRequest:
    return signing.SignatureRequest(
        call=call,
        name=form.name.data or "",
        email=form.email.data or "",
        country=form.country.data or None,
        story=form.story.data or None,
        show_name=form.show_name.data,
        wants_updates=form.updates.data,
        language=lang,
        due_at=due_at,
    )


def _expired(lang: str, token: str) -> str:
    signature = signing.find_expired(session, token)
    can_resend = signature is not None and signature.state == SignatureState.PENDING
    return render_template("signing/expired.html", token=token, can_resend=can_resend, **_call_context(signature, lang))


def _call_context(signature: Signature | None, lang: str) -> dict[str, Any]:
    """Return the call and its words, for pages that can do without when the signature is gone."""
    call = signature.call if signature else None
    return {"call": call, "text": calls.text_of(session, call, lang) if call else None}


def _own_page(lang: str, signature_id: int) -> str:
    return url_for("supporters.me", lang=lang, token=tokens.make("me", signature_id))
