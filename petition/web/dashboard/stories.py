"""Stories as moderators read them: one at a time, decided with one key, and undone with another."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import moderation, story_queue, teams, waiting_stories
from petition.domain.access import MATRIX, Action
from petition.domain.moderation import DecidedMeanwhile, Locked, NothingToUndo, OwnDecision
from petition.domain.publications import NotCounted
from petition.domain.story_queue import cursor
from petition.errors import WordsChanged
from petition.forms.moderation import DecisionForm
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import StoryState, Team
from petition.web.dashboard import access
from petition.web.dashboard.story_page import decision_ids, desk, page

bp = Blueprint("dashboard_stories", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

_QUEUE = ("dashboard_stories.teams", lazy_gettext("Stories"))

ERRORS: ErrorPages = {
    NothingToUndo: ErrorPage(
        409,
        lazy_gettext("There is nothing to undo"),
        lazy_gettext("It was undone before, or something else was decided since."),
        onward=_QUEUE,
    ),
    Locked: ErrorPage(
        409,
        lazy_gettext("Somebody else reads this story"),
        lazy_gettext("It is free again after five minutes, or you take it over on its page."),
        onward=_QUEUE,
    ),
    OwnDecision: ErrorPage(
        409,
        lazy_gettext("Another moderator looks a second time"),
        lazy_gettext("You decided about it first, so somebody else of your team decides now."),
        onward=_QUEUE,
    ),
}

_REFUSALS = {
    OwnDecision: lazy_gettext("You decided about it first, so somebody else of your team decides now."),
    WordsChanged: lazy_gettext(
        "Its author changed it meanwhile. These are the new words; nothing was decided about them."
    ),
    DecidedMeanwhile: lazy_gettext(
        "Somebody else decided about it meanwhile. This is where it stands; nothing was changed."
    ),
    Locked: lazy_gettext("Somebody else reads it at the moment. Nothing was decided; you can take it over."),
    NotCounted: lazy_gettext("Its signature does not count any more. Nothing was published."),
}


@bp.get("/stories", endpoint="teams")
@access.needs(Action.OWN_ACCOUNT)
def my_teams() -> ResponseReturnValue:
    """Lead to the queue of my team, or list the teams whose stories I moderate."""
    theirs = [
        membership.team
        for membership in teams.of_organiser(session, access.organiser())
        if membership.role in MATRIX[Action.MODERATE_STORIES]
    ]
    if len(theirs) == 1:
        return redirect(url_for(".queue", team_id=theirs[0].id))
    waiting = [(team, waiting_stories.waiting(session, team)) for team in theirs]
    return render_template("dashboard/stories/teams.html", waiting=waiting, most_counted=waiting_stories.MOST_COUNTED)


@bp.get("/teams/<int:team_id>/stories")
@access.needs(Action.MODERATE_STORIES)
def queue(team: Team) -> ResponseReturnValue:
    """Show the first story that is wanted."""
    here = desk(team)
    first = story_queue.read(session, here.calls, here.wanted, limit=1)
    return page(here, first[0] if first else None)


@bp.get("/teams/<int:team_id>/stories/<int:story_id>")
@access.needs(Action.MODERATE_STORIES)
def story(team: Team, story_id: int) -> ResponseReturnValue:
    """Show one story."""
    return page(desk(team), story_queue.get_story(session, team, story_id))


@bp.post("/teams/<int:team_id>/stories/<int:story_id>/decide")
@access.needs(Action.MODERATE_STORIES)
def decide(team: Team, story_id: int) -> ResponseReturnValue:
    """Decide about a story, and lead to the next that nobody else reads."""
    row, here, form = story_queue.get_story(session, team, story_id), desk(team), DecisionForm()
    if not form.validate_on_submit():
        return page(here, row, decision_form=form), 422
    place, person = cursor(row), access.organiser()
    seen = StoryState(form.seen.data or "")
    try:
        decision = moderation.decide(session, person, row, revision=form.revision.data or 0, seen=seen, **form.what)
    except tuple(_REFUSALS) as refusal:
        session.rollback()
        return page(here, row, notice=str(_REFUSALS[type(refusal)]), decision_form=form), 409
    following = story_queue.next_free(session, here.calls, here.wanted, person.id, place)
    if following:
        moderation.lock(session, person, following)
    done = decision.id
    session.commit()
    return redirect(here.url(following, decided=done), 303)


@bp.post("/teams/<int:team_id>/stories/undo")
@access.needs(Action.MODERATE_STORIES)
def undo(team: Team) -> ResponseReturnValue:
    """Undo one decision, or those of many that can still be undone, and lead back to the story."""
    here = desk(team)
    decisions = story_queue.get_decisions(session, team, decision_ids(request.form.get("decisions", "")))
    if not decisions:
        raise NothingToUndo
    undone = moderation.undo_many(session, access.organiser(), decisions)
    row = story_queue.get_story(session, team, undone[0].story_id)
    flash(_("Undone. It stands where it stood before."), "success")
    session.commit()
    return redirect(here.url(row), 303)


@bp.post("/teams/<int:team_id>/stories/<int:story_id>/lock")
@access.needs(Action.MODERATE_STORIES)
def lock(team: Team, story_id: int) -> ResponseReturnValue:
    """Keep a story for five minutes, or take it over from somebody else."""
    row = story_queue.get_story(session, team, story_id)
    moderation.lock(session, access.organiser(), row, takes_over=bool(request.form.get("takes_over")))
    session.commit()
    return redirect(desk(team).url(row), 303)
