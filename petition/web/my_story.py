"""A story on its author's own page: changed, taken back, looked at a second time."""

from dataclasses import replace

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session
from petition.domain import items, links, moderation, supporters
from petition.errors import NotFound, WordsChanged
from petition.http import access, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import Signature, StoryWords
from petition.web import own_page, words

bp = Blueprint("my_story", __name__)
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    moderation.AskedBefore: ErrorPage(
        409,
        _("A second look was asked for before"),
        _("Each decision can be looked at again once. You can still change your text on your own page."),
    ),
}


@bp.post("/<language:lang>/me/<token>/story")
@urls.shown_at("supporters.me")
def change(lang: str, token: str) -> ResponseReturnValue:
    """Change what was told; a moderator reads it before it is shown."""
    signature = links.get_signature(session, "me", token)
    form = words.typed_story(signature)
    if not form.validate_on_submit():
        return own_page.render(lang, token, signature, words.form_for(signature), story_form=form), 422
    told = form.words(words.kind_of(signature), signature.language)
    items.choose_told(session, told)
    return _tell(lang, token, signature, words.shown_by(form), told, stays=not form.is_hidden.data)


@bp.post("/<language:lang>/me/<token>/story/take-back")
@urls.shown_at("supporters.me")
def take_back(lang: str, token: str) -> ResponseReturnValue:
    """Publish no more what was told."""
    signature = links.get_signature(session, "me", token)
    told = signature.told and replace(signature.told, licence=None, credit=None, wants_letter=False)
    return _tell(lang, token, signature, request.form.get("version", ""), told, stays=False)


@bp.post("/<language:lang>/me/<token>/story/second-look")
@urls.shown_at("supporters.me")
def ask_again(lang: str, token: str) -> ResponseReturnValue:
    """Let a story that was not approved be looked at once more."""
    story = links.get_signature(session, "me", token).story
    if story is None:
        raise NotFound
    try:
        moderation.ask_again(session, story, decision_id=urls.row_id(request.form.get("decision", "")))
    except WordsChanged:
        return own_page.as_it_stands_now(lang, token), 409
    return _done(lang, token)


def _tell(
    lang: str, token: str, signature: Signature, shown: str, told: StoryWords | None, *, stays: bool
) -> ResponseReturnValue:
    try:
        supporters.tell(session, signature, shown=shown, words=told, stays=stays)
    except WordsChanged:
        return own_page.as_it_stands_now(lang, token), 409
    return _done(lang, token)


def _done(lang: str, token: str) -> ResponseReturnValue:
    session.commit()
    return redirect(url_for("supporters.me", lang=lang, token=token, saved=1, _anchor="told"), 303)
