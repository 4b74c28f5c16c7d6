"""The form of a call, and the page that asks to look into the mailbox."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from prometheus_client import Counter

from petition.db import session
from petition.db.group_commit import GroupCommit
from petition.domain import calls, items, signing
from petition.domain.settings import SigningPaused, Switches
from petition.domain.signing import OtherKind
from petition.errors import CallNotOpen, CallPaused
from petition.forms import stories
from petition.forms.signing import SignForm
from petition.http import access, current, urls
from petition.http.cacheable import cacheable
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import metrics
from petition.mail.message import subject_line
from petition.models import CallKind, StoryWords
from petition.web import call_page, credit
from petition.web.abuse import SIGN_LIMIT, check_abuse

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

SIGN_UPS = Counter("petition_signups", "Forms that were accepted.", ["language"], registry=metrics.REGISTRY)

_sign = GroupCommit(signing.sign)


@bp.post("/<language:lang>/calls/<slug:call>", endpoint="sign_here")
@bp.post("/<language:lang>/calls/<slug:call>/sign")
@urls.shown_at("calls.call")
@access.resendable("name", "email", "country", *stories.FIELD_NAMES)
def sign(lang: str, call: str) -> ResponseReturnValue:
    """Take the wish to sign; the letter with the link follows, and the answer is the same for every address."""
    current.latest(Switches).require_signing()
    typed = request.form.get("kind", CallKind.PETITION)
    kind = CallKind(typed) if typed in set(CallKind) else CallKind.PETITION
    try:
        return _take(lang, call, kind)
    except OtherKind as other:
        # The form came from another page, or from before the call was changed.
        return _take(lang, call, other.kind)


def _take(lang: str, slug: str, kind: CallKind) -> ResponseReturnValue:
    # The fields of a story that nobody told are not even made: that takes an eighth of a form's time.
    is_told = bool(request.form.get("story")) or not stories.KINDS[kind].fields.IS_OPTIONAL
    form = _form(lang, kind) if is_told else SignForm(lang)
    if not form.validate_on_submit():
        call = calls.get_call(session, slug)
        if call.kind != kind:
            raise OtherKind(call.kind)
        if not is_told:
            form = _form(lang, kind)
            form.validate()
        form.partner.data, form.via.data = credit.given()
        return call_page.render(lang, call, form), 422
    story = form.words(kind, lang) if is_told else None
    due_at = check_abuse(SIGN_LIMIT, form)
    if items.choose_told(session, story):
        session.commit()
    _sign(_signature_request(form, lang, slug, story, kind, due_at=due_at))
    SIGN_UPS.labels(lang).inc()
    return redirect(url_for("signing.check_mail", lang=lang, call=slug), 303)


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


def _form(lang: str, kind: CallKind) -> Any:
    return stories.with_story(SignForm, kind)(lang)


def _signature_request(
    form: SignForm, lang: str, call: str, story: StoryWords | None, kind: CallKind, *, due_at: datetime | None
) -> signing.SignatureRequest:
    partner, via = credit.given()
    return signing.SignatureRequest(
        call=call,
        name=form.name.data or "",
        email=form.email.data or "",
        country=form.country.data or None,
        story=story,
        show_name=form.show_name.data,
        wants_updates=form.updates.data,
        language=lang,
        kind=kind,
        due_at=due_at,
        partner=partner,
        via=via,
    )
