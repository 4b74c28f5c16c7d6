"""The supporter's own page, behind a secret link, and the page that sends such links."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session
from petition.domain import calls, links, supporters
from petition.errors import WordsChanged
from petition.forms.supporters import FindForm
from petition.http import access, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import tokens
from petition.lib.tokens import BrokenLink, LinkExpired
from petition.models import Channel, Signature
from petition.web import own_page, sharing, words
from petition.web.abuse import FIND_LIMIT, check_abuse

bp = Blueprint("supporters", __name__)
bp.before_request(access.same_origin_only)

_NEW_LINK = ("supporters.find", _("Ask for a new link"))

ERRORS: ErrorPages = {
    supporters.NotConfirmed: ErrorPage(
        409,
        _("This signature does not count at the moment"),
        _("It was withdrawn or removed, so it cannot be changed."),
    ),
    LinkExpired: ErrorPage(
        410,
        _("This link has expired"),
        _("Ask for a new link to your signatures: we send it to your address."),
        onward=_NEW_LINK,
    ),
    BrokenLink: ErrorPage(
        404,
        _("This link is incomplete or was used"),
        _(
            "An e-mail program may have cut it, or what it led to is erased. Open it from the e-mail once more, or ask for a new one."
        ),
        onward=_NEW_LINK,
    ),
    sharing.UnknownServer: ErrorPage(
        422,
        _("We do not know this server"),
        _("Please go back and type the name of your Mastodon server, such as mastodon.social."),
    ),
}


@bp.get("/<language:lang>/me/<token>")
def me(lang: str, token: str) -> ResponseReturnValue:
    """Thank, offer to share, and let the person change or withdraw what they gave."""
    signature = _signature(token)
    return own_page.render(lang, token, signature, words.form_for(signature))


@bp.post("/<language:lang>/me/<token>/details")
@urls.shown_at("supporters.me")
def details(lang: str, token: str) -> ResponseReturnValue:
    """Change what the signature says."""
    signature = _signature(token)
    form = words.typed_form(signature)
    if not form.validate_on_submit():
        return own_page.render(lang, token, signature, form), 422
    try:
        supporters.correct(session, signature, **words.from_form(form))
    except WordsChanged:
        return own_page.as_it_stands_now(lang, token), 409
    session.commit()
    return redirect(url_for(".me", lang=lang, token=token, saved=1), 303)


@bp.post("/<language:lang>/me/<token>/withdraw")
@urls.shown_at("supporters.me")
def withdraw(lang: str, token: str) -> ResponseReturnValue:
    """Count the signature no more; the page then offers to undo it."""
    supporters.withdraw(session, _signature(token))
    session.commit()
    return redirect(url_for(".me", lang=lang, token=token), 303)


@bp.post("/<language:lang>/me/<token>/restore")
@urls.shown_at("supporters.me")
def restore(lang: str, token: str) -> ResponseReturnValue:
    """Undo a withdrawal."""
    supporters.restore(session, _signature(token))
    session.commit()
    return redirect(url_for(".me", lang=lang, token=token), 303)


@bp.post("/<language:lang>/me/<token>/erase")
@urls.shown_at("supporters.me")
def erase(lang: str, token: str) -> ResponseReturnValue:
    """Delete everything about the signature."""
    supporters.erase(session, _signature(token))
    session.commit()
    return redirect(url_for(".erased", lang=lang), 303)


@bp.get("/<language:lang>/erased")
def erased(lang: str) -> ResponseReturnValue:
    """Say that nothing is left."""
    return render_template("supporters/erased.html")


@bp.get("/<language:lang>/me/<token>/data.json")
def export(lang: str, token: str) -> Response:
    """Hand over all that we hold about the signature."""
    response = jsonify(supporters.export(session, _signature(token)))
    response.headers["Content-Disposition"] = "attachment; filename=my-signature.json"
    return response


@bp.route("/<language:lang>/my-signatures", methods=["GET", "POST"])
@access.resendable("email")
def find(lang: str) -> ResponseReturnValue:
    """Ask for an address and send it the links to its signatures; the answer is the same for every address."""
    form = FindForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        supporters.ask_for_links(session, email, lang, check_abuse(FIND_LIMIT, form))
        session.commit()
        return redirect(url_for(".find_sent", lang=lang), 303)
    return render_template("supporters/find.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/<language:lang>/my-signatures/sent")
def find_sent(lang: str) -> ResponseReturnValue:
    """Ask to look into the mailbox."""
    return render_template("supporters/find_sent.html")


@bp.get("/<language:lang>/silence/<token>")
def silence(lang: str, token: str) -> ResponseReturnValue:
    """Offer never to write to a mailbox again, or to write again."""
    digest = _mailbox(token)
    return render_template("supporters/silence.html", token=token, is_silenced=supporters.is_silenced(session, digest))


@bp.post("/<language:lang>/silence/<token>")
@urls.shown_at("supporters.silence")
def silenced(lang: str, token: str) -> ResponseReturnValue:
    """Write to a mailbox never again."""
    supporters.silence(session, _mailbox(token))
    session.commit()
    return redirect(url_for(".silence", lang=lang, token=token), 303)


@bp.post("/<language:lang>/silence/<token>/undo")
@urls.shown_at("supporters.silence")
def unsilenced(lang: str, token: str) -> ResponseReturnValue:
    """Let letters to a mailbox be written again."""
    supporters.unsilence(session, _mailbox(token))
    session.commit()
    return redirect(url_for(".silence", lang=lang, token=token), 303)


@bp.post("/<language:lang>/share/mastodon")
@urls.shown_at("campaigns.index")
def mastodon(lang: str) -> ResponseReturnValue:
    """Lead people to their own Mastodon server to share a call."""
    call = calls.get_call(session, request.form.get("call", ""))
    text = calls.text_of(session, call, lang).share_text
    url = sharing.through(sharing.address(call), Channel.MASTODON)
    return redirect(sharing.mastodon(request.form.get("instance", ""), text, url), 303)


def _signature(token: str) -> Signature:
    return links.get_signature(session, "me", token)


def _mailbox(token: str) -> bytes:
    return bytes.fromhex(tokens.read("silence", token, supporters.SILENCE_WITHIN))
