"""What moderators do around a story: its language, notes of the team, translations. Its words are its author's."""

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import story_care, story_queue
from petition.domain.access import Action
from petition.errors import WordsChanged
from petition.forms.moderation import LanguageForm, NoteForm, TranslationForm
from petition.models import Story, Team
from petition.web.dashboard import access
from petition.web.dashboard.story_page import Desk, desk, page

bp = Blueprint("dashboard_story_care", __name__, url_prefix="/organise/teams/<int:team_id>/stories/<int:story_id>")
bp.before_request(access.signed_in_only)


@bp.post("/language")
@access.needs(Action.MODERATE_STORIES)
def language(team: Team, story_id: int) -> ResponseReturnValue:
    """Correct in which language a text is."""
    row, here, form = story_queue.get_story(session, team, story_id), desk(team), LanguageForm()
    if not form.validate_on_submit():
        return page(here, row, language_form=form), 422
    try:
        story_care.change_language(
            session, access.organiser(), team, row, revision=form.revision.data or 0, language=form.language.data
        )
    except WordsChanged:
        session.rollback()
        return page(here, row, notice=_changed(), language_form=form), 409
    return _done(here, row, _("The language is corrected."))


@bp.post("/notes")
@access.needs(Action.MODERATE_STORIES)
def note(team: Team, story_id: int) -> ResponseReturnValue:
    """Write a note that only the team reads."""
    row, here, form = story_queue.get_story(session, team, story_id), desk(team), NoteForm()
    if not form.validate_on_submit():
        return page(here, row, note_form=form), 422
    story_care.add_note(session, access.organiser(), team, row, form.note.data or "")
    return _done(here, row, _("Your note is kept."))


@bp.post("/translations")
@access.needs(Action.MODERATE_STORIES)
def translation(team: Team, story_id: int) -> ResponseReturnValue:
    """Add a translation, write it anew, or take it away."""
    row, here, form = story_queue.get_story(session, team, story_id), desk(team), TranslationForm()
    if not form.validate_on_submit():
        return page(here, row, translation_form=form), 422
    person = access.organiser()
    try:
        story_care.translate(
            session,
            person,
            team,
            row,
            revision=form.revision.data or 0,
            language=form.into.data,
            text=form.translation.data or "",
            credit=form.translator.data or person.name,
        )
    except WordsChanged:
        session.rollback()
        return page(here, row, notice=_changed(), translation_form=form), 409
    return _done(here, row, _("The translation is saved.") if form.translation.data else _("The translation is gone."))


def _changed() -> str:
    sentence: str = _("Its author changed it meanwhile. These are the new words; nothing was saved.")
    return sentence


def _done(here: Desk, story: Story, sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    session.commit()
    return redirect(here.url(story), 303)
