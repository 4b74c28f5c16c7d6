"""The confirmation page, changing the words before they count, and "this was not me"."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from prometheus_client import Counter

from petition.db import session
from petition.db.group_commit import GroupCommit
from petition.domain import calls, confirming, credit, history, items, links
from petition.domain.confirming import Confirmation
from petition.domain.history import FieldChange
from petition.errors import WordsChanged
from petition.forms.drafts import LABELS
from petition.http import access, rate_limits, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import metrics, names, tokens
from petition.models import Signature, SignatureState, hidden_from_public
from petition.web import words as words_of
from petition.web.abuse import SIGN_LIMIT

bp = Blueprint("confirming", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    confirming.NotPending: ErrorPage(
        409,
        _("This signature is not waiting any more"),
        _("It was confirmed, withdrawn or removed meanwhile. Ask for a link to your signatures to see it."),
    ),
}

CONFIRMATIONS = Counter(
    "petition_confirmations", "Buttons of letters that were pressed.", ["language"], registry=metrics.REGISTRY
)

_confirm = GroupCommit(confirming.confirm)


@bp.get("/<language:lang>/confirm/<token>")
def confirm(lang: str, token: str) -> ResponseReturnValue:
    """Show exactly what will be counted, and one button that names it."""
    try:
        links.read_waiting(session, "confirm", token)
    except tokens.LinkExpired:
        return _expired(lang, token), 410
    signature = links.get_expired(session, "confirm", token)
    return _page(lang, token, signature, words_of.form_for(signature, with_story=True))


@bp.post("/<language:lang>/confirm/<token>")
@urls.shown_at("confirming.confirm")
def count(lang: str, token: str) -> ResponseReturnValue:
    """Count the signature as it was shown and open its supporter's page; pressed again, it counts once."""
    try:
        link = links.read_waiting(session, "confirm", token)
    except tokens.LinkExpired:
        return _expired(lang, token), 410
    try:
        _confirm(Confirmation(link, request.form.get("version", "")))
    except WordsChanged:
        shown = confirming.call_version(request.form.get("version", ""))
        return _as_it_stands_now(lang, token, shown), 409
    CONFIRMATIONS.labels(lang).inc()
    return redirect(url_for("supporters.me", lang=lang, token=tokens.make("me", link.payload)), 303)


@bp.post("/<language:lang>/confirm/<token>/words")
@urls.shown_at("confirming.confirm")
def words(lang: str, token: str) -> ResponseReturnValue:
    """Change what waits, and show it once more before it counts."""
    links.read_waiting(session, "confirm", token)
    signature = links.get_expired(session, "confirm", token)
    form = words_of.typed_form(signature, with_story=True)
    if not form.validate_on_submit():
        return _page(lang, token, signature, form), 422
    try:
        told = form.words(words_of.kind_of(signature), signature.language)
        items.choose_told(session, told)
        confirming.revise(session, signature, story=told, **words_of.from_form(form))
    except WordsChanged:
        return _as_it_stands_now(lang, token), 409
    session.commit()
    return redirect(url_for(".confirm", lang=lang, token=token, saved=1), 303)


@bp.post("/<language:lang>/confirm/<token>/again")
@urls.shown_at("confirming.confirm")
def another_letter(lang: str, token: str) -> ResponseReturnValue:
    """Send a new letter to the address that an old link belongs to."""
    rate_limits.check(SIGN_LIMIT)
    signature = links.get_expired(session, "confirm", token)
    confirming.send_again(session, signature)
    session.commit()
    return redirect(url_for("signing.check_mail", lang=lang, call=signature.call.slug), 303)


@bp.get("/<language:lang>/not-me/<token>")
def not_me(lang: str, token: str) -> ResponseReturnValue:
    """Offer to erase what waits for a mailbox that did not ask for it, or say how things stand."""
    link = links.read_waiting(session, "not-me", token)
    signature, block = links.find_expired(session, "not-me", token), confirming.find_block(session, link)
    return render_template(
        "confirming/not_me.html",
        token=token,
        block=block,
        signature=signature,
        me_url=_own_page(lang, signature) if signature else None,
        **_call_context(signature, lang),
    )


@bp.post("/<language:lang>/not-me/<token>")
@urls.shown_at("confirming.not_me")
def disown(lang: str, token: str) -> ResponseReturnValue:
    """Erase what waits, and accept that mailbox no more for this call."""
    links.read_waiting(session, "not-me", token)
    if signature := links.find_expired(session, "not-me", token):
        confirming.disown(session, signature)
        session.commit()
    return redirect(url_for(".not_me", lang=lang, token=token), 303)


@bp.post("/<language:lang>/not-me/<token>/undo")
@urls.shown_at("confirming.not_me")
def accept_again(lang: str, token: str) -> ResponseReturnValue:
    """Accept the mailbox again."""
    confirming.accept_again(session, links.read("not-me", token))
    session.commit()
    return redirect(url_for(".not_me", lang=lang, token=token), 303)


def _as_it_stands_now(lang: str, token: str, shown: int | None = None) -> str:
    """Return the page with the words that took the place of those that a button or a form had named.

    ``shown`` is the number of the call's words that were named; what changed of them since is shown too.
    """
    session.rollback()
    signature = links.get_expired(session, "confirm", token)
    call = signature.call
    session.refresh(call)
    changes = history.between(session, call, shown, lang) if shown and shown != call.version else []
    return _page(
        lang, token, signature, words_of.form_for(signature, with_story=True), has_changed=not changes, changes=changes
    )


def _page(
    lang: str,
    token: str,
    signature: Signature,
    form: Any,
    *,
    has_changed: bool = False,
    changes: Sequence[FieldChange] = (),
) -> str:
    if signature.state not in {SignatureState.PENDING, SignatureState.CONFIRMED}:
        raise confirming.NotPending
    if refusal := hidden_from_public(signature.call.state):
        raise refusal
    return render_template(
        "confirming/confirm.html",
        call=signature.call,
        text=calls.text_of(session, signature.call, lang),
        signature=signature,
        **words_of.told(signature),
        public_name=names.public_name(signature.name or ""),
        form=form,
        token=token,
        saved="saved" in request.args,
        version=confirming.button(signature),
        partner_name=credit.name_of(session, signature),
        has_changed=has_changed,
        changes=changes,
        labels=LABELS,
        has_newer=not signature.is_confirmed and confirming.has_newer(session, signature),
        me_url=_own_page(lang, signature) if signature.is_confirmed else None,
    )


def _expired(lang: str, token: str) -> str:
    signature = links.find_expired(session, "confirm", token)
    can_resend = signature is not None and signature.state == SignatureState.PENDING
    context = _call_context(signature, lang)
    return render_template("confirming/expired.html", token=token, can_resend=can_resend, **context)


def _call_context(signature: Signature | None, lang: str) -> dict[str, Any]:
    """Return the call and its words, for pages that can do without when the signature is gone."""
    call = signature.call if signature else None
    return {"call": call, "text": calls.text_of(session, call, lang) if call else None}


def _own_page(lang: str, signature: Signature) -> str:
    return url_for("supporters.me", lang=lang, token=tokens.make("me", signature.link_id))
