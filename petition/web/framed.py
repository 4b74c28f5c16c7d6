"""The form of a call in a frame on other people's pages; whatever follows until the mailbox stays in the frame."""

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import calls, history, totals
from petition.errors import NotAllowed
from petition.forms.signing import SignForm
from petition.http import access, urls
from petition.http.cacheable import cacheable, one_of
from petition.lib.languages import INTERFACE
from petition.mail.message import subject_line
from petition.models import Call, CallText, Channel
from petition.web import call_page, credit, taking

bp = Blueprint("framed", __name__)
bp.before_request(access.same_origin_only)

THEMES = ("light", "dark")


@bp.url_value_preprocessor
def allow_frames(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let the sites that a call allows show its pages, in the language that the query names."""
    g.frame_ancestors = "*"
    call = calls.get_call(session, (values or {})["call"])
    if call.frame_origins:
        g.frame_ancestors = f"'self' {call.frame_origins}"
    named = request.args.get("lang", call.language)
    g.language = named if named in INTERFACE else INTERFACE[0]


@bp.errorhandler(NotAllowed)
def elsewhere(_error: NotAllowed) -> str:
    """Show the way to a form that works, where a browser says that this one comes from elsewhere.

    So it is in a sandbox that leaves the frame no origin.
    """
    return render_template("embed/elsewhere.html", **_shown(calls.get_call(session, (request.view_args or {})["call"])))


@bp.get("/embed/<slug:call>")
@cacheable(ttl=1.0, params={"lang": one_of(INTERFACE), "theme": one_of(THEMES)})
def form(call: str) -> str:
    """Show the form of a call, its total and what it asks."""
    row = calls.get_call(session, call)
    return _render(g.language, row, call_page.form_for(row, g.language))


@bp.get("/embed/<slug:call>/card")
@cacheable(ttl=1.0, params={"lang": one_of(INTERFACE), "theme": one_of(THEMES)})
def card(call: str) -> str:
    """Show what a call asks and its total, for programs that make a card of its address; nothing in it can be sent."""
    row = calls.get_call(session, call)
    return render_template("embed/card.html", **_shown(row), total=totals.for_call(session, row))


@bp.post("/embed/<slug:call>")
def sign(call: str) -> ResponseReturnValue:
    """Take the wish to sign; the answer is a page for the frame, and the same for every address."""
    refused = taking.take(g.language, call, _render, Channel.EMBED)
    if refused:
        return refused
    row = calls.get_call(session, call)
    subject = subject_line(_("Confirm your signature: %(title)s", title=_text(row).title))
    typed = list(request.form.items(multi=True))
    return render_template("embed/check_mail.html", **_shown(row), subject=subject, typed=typed)


def _render(lang: str, call: Call, form: SignForm) -> str:
    return render_template(
        "embed/form.html",
        **_shown(call),
        total=totals.for_call(session, call),
        form=form,
        pause_notice=history.pause_notice(session, call),
    )


def _shown(call: Call) -> dict[str, Any]:
    """Return what each page in a frame shows; ``link`` leads on to our own site, with who brought people and how."""
    partner, _via = credit.given()
    link = url_for("calls.call", lang=g.language, call=call.slug, via=Channel.EMBED, partner=partner or None)
    return {"call": call, "text": _text(call), "campaign": call.campaign, "link": urls.absolute(link)}


def _text(call: Call) -> CallText:
    return calls.text_of(session, call, g.language)
