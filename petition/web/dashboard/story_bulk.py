"""Many stories on one page, decided at once."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import moderation, story_queue
from petition.domain.access import Action
from petition.domain.story_queue import cursor
from petition.forms import stories as kinds
from petition.forms.moderation import FLAG_NAMES, REASON_SENTENCES, BulkForm, seen_revisions
from petition.http import urls
from petition.models import Team
from petition.web.dashboard import access
from petition.web.dashboard.story_page import decision_ids, desk

bp = Blueprint("dashboard_story_bulk", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.route("/teams/<int:team_id>/stories/bulk", methods=["GET", "POST"])
@access.needs(Action.MODERATE_STORIES)
def bulk(team: Team) -> ResponseReturnValue:
    """List what waits with a box beside each; on submit decide the same about those that are ticked."""
    here, form = desk(team), BulkForm()
    wanted = here.wanted._replace(state=None)
    revisions = seen_revisions(request.form.getlist("story"))
    is_empty = form.is_submitted() and not revisions
    if not is_empty and form.validate_on_submit():
        ticked = story_queue.get_stories(session, team, revisions)
        decisions = moderation.decide_many(session, access.organiser(), ticked, revisions, **form.what)
        ids = ".".join(str(decision.id) for decision in decisions)
        session.commit()
        left = len(revisions) - len(decisions)
        values: dict[str, Any] = {**here.query, "decided": ids or None, "left": left or None}
        return redirect(url_for(".bulk", team_id=team.id, **values), 303)
    after = story_queue.find_story(session, team, urls.row_id(request.args.get("after", "")))
    stories = story_queue.read(session, here.calls, wanted, after=cursor(after) if after else None)
    html = render_template(
        "dashboard/stories/bulk.html",
        desk=here,
        team=team,
        stories=stories,
        has_more=len(stories) == story_queue.PAGE_SIZE,
        form=form,
        ticked=revisions,
        is_empty=is_empty,
        left=request.args.get("left", 0, int),
        details_of=kinds.details_of,
        flag_names=FLAG_NAMES,
        reason_sentences=REASON_SENTENCES,
        decided=story_queue.get_decisions(session, team, decision_ids(request.args.get("decided", ""))),
    )
    return html, 422 if form.is_submitted() else 200
