"""The first page of an organiser."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import overview, waiting_stories
from petition.domain.access import MATRIX, Action
from petition.web.dashboard import access

bp = Blueprint("dashboard_home", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.get("/")
@access.needs(Action.OWN_ACCOUNT)
def home() -> ResponseReturnValue:
    """Show how the calls of one's teams are doing, and what waits for one."""
    found = overview.overview(session, access.organiser(), editors=MATRIX[Action.EDIT_CALL])
    waiting = [
        (membership.team, theirs)
        for membership in found.memberships
        if membership.role in MATRIX[Action.MODERATE_STORIES]
        and (theirs := waiting_stories.waiting(session, membership.team)).number
    ]
    return render_template(
        "dashboard/home/home.html",
        overview=found,
        person=access.organiser(),
        stories=waiting,
        most_counted=waiting_stories.MOST_COUNTED,
    )
