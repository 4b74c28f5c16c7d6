"""A draft as the public will see it, for those who were sent its secret link; its form does not sign."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session
from petition.domain import previews
from petition.domain.previews import PreviewRevoked
from petition.http import access, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.web import call_page

bp = Blueprint("previews", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    PreviewRevoked: ErrorPage(
        410,
        _("This preview is not open any more"),
        _("Its link was taken back, or is too old. Ask whoever sent it to you for a new one."),
    ),
}


@bp.get("/preview/<token>")
def short(token: str) -> ResponseReturnValue:
    """Lead to a preview in the reader's language."""
    previews.get_call(session, token)
    return redirect(url_for(".preview", lang=urls.language(), token=token))


@bp.get("/<language:lang>/preview/<token>")
def preview(lang: str, token: str) -> str:
    """Show a draft exactly as the public page will be."""
    return _page(lang, token, is_pressed=False)


@bp.post("/<language:lang>/preview/<token>")
@urls.shown_at("previews.preview")
def press(lang: str, token: str) -> str:
    """Say that the form of a preview does nothing; what was typed is not even read."""
    return _page(lang, token, is_pressed=True)


def _page(lang: str, token: str, *, is_pressed: bool) -> str:
    draft = previews.draft_of(session, previews.get_call(session, token))
    text = draft.texts.get(lang) or draft.texts[draft.call.language]
    context = call_page.context(lang, draft.call, text, call_page.form_for(draft.call, lang, formdata=None))
    return render_template("previews/preview.html", **context, is_preview=True, is_pressed=is_pressed)
