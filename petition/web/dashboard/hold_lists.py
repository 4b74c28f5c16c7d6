"""The words that hold a team's stories until a moderator has read them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import hold_lists
from petition.domain.access import Action
from petition.forms.moderation import LANGUAGES, HoldListForm
from petition.models import Team
from petition.web.dashboard import access

bp = Blueprint("dashboard_hold_lists", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.route("/teams/<int:team_id>/stories/words", methods=["GET", "POST"])
@access.needs(Action.MODERATE_STORIES)
def words(team: Team) -> ResponseReturnValue:
    """Show the words of one language, and how many there are of each; on submit keep others."""
    lists = hold_lists.words(session, team)
    asked = request.args.get("language", "")
    language = asked if asked in LANGUAGES else ""
    form = HoldListForm(data={"language": language, "words": "\n".join(lists.get(language, []))})
    if not form.validate_on_submit():
        html = render_template("dashboard/stories/words.html", team=team, form=form, lists=lists, language=language)
        return html, 422 if form.is_submitted() else 200
    hold_lists.change(session, access.organiser(), team, {**lists, form.language.data: form.listed})
    flash(_("Saved. The words hold what comes in from now on."), "success")
    session.commit()
    return redirect(url_for(".words", team_id=team.id, language=form.language.data or None), 303)
