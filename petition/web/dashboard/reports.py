"""The queue of reports and one case after the other: a team's for its moderators, the site's for who owns the site."""

import re
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from petition.db import session
from petition.domain import moderation, pausing, pictures, report_cases, report_decisions, teams
from petition.domain.access import Action
from petition.domain.publications import NotCounted
from petition.domain.report_cases import Waiting
from petition.domain.report_decisions import Verdict
from petition.errors import Conflict, StaleRevision, WordsChanged
from petition.forms.reports import DECISIONS, OUTCOMES, DecideForm
from petition.forms.stories import details_of
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import (
    MODERATORS,
    RemovalReason,
    ReportCase,
    ReportedThing,
    ReportOutcome,
    ReportReason,
    Team,
)
from petition.web.dashboard import access

bp = Blueprint("dashboard_reports", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

ERRORS: ErrorPages = {
    report_decisions.AlreadyDecided: ErrorPage(
        409,
        lazy_gettext("This report is decided"),
        lazy_gettext("Somebody else decided it after you opened the page. Your decision was not kept."),
        onward=("dashboard_home.home", lazy_gettext("What waits for you")),
    ),
    report_decisions.OwnDecision: ErrorPage(
        409,
        lazy_gettext("Somebody else takes the second look"),
        lazy_gettext("You made the first decision, and your team has another moderator."),
        onward=("dashboard_home.home", lazy_gettext("What waits for you")),
    ),
}

_CHANGED = lazy_gettext(
    "Not decided: the text, or where it stands, was changed after you opened the page. Here it is as it stands now."
)
# What is said on the page of a case where its story cannot be decided as it was seen.
_REFUSALS: dict[type[Conflict], LazyString] = {
    StaleRevision: _CHANGED,
    WordsChanged: _CHANGED,
    NotCounted: _CHANGED,
    moderation.Locked: lazy_gettext(
        "Not decided: another moderator reads this story at the moment. Try again in some minutes."
    ),
}

# How the page of a call that is taken down names the ground; all others are the rules of the site.
_BY_LAW = {ReportReason.ILLEGAL, ReportReason.PRIVACY, ReportReason.HATRED, ReportReason.COPYRIGHT}


@bp.get("/teams/<int:team_id>/reports", endpoint="team")
@access.needs(Action.DECIDE_REPORTS)
def of_team(team: Team) -> ResponseReturnValue:
    """Show the reports that wait for a decision of a team, those first that waited longest or are the most."""
    return _queue(team)


@bp.get("/reports", endpoint="site")
@access.needs(Action.DECIDE_SITE_REPORTS)
def of_site() -> ResponseReturnValue:
    """Show the reports of calls and pictures of all teams."""
    return _queue(None)


@bp.route("/teams/<int:team_id>/reports/<int:case_id>", methods=["GET", "POST"], endpoint="team_case")
@access.needs(Action.DECIDE_REPORTS)
def case_of_team(team: Team, case_id: int) -> ResponseReturnValue:
    """Show one thing and all that is reported about it; on POST decide, and go on to the next."""
    return _case(team, report_cases.get_case(session, team, case_id))


@bp.route("/reports/<int:case_id>", methods=["GET", "POST"], endpoint="site_case")
@access.needs(Action.DECIDE_SITE_REPORTS)
def case_of_site(case_id: int) -> ResponseReturnValue:
    """Do the same as an owner of the site."""
    return _case(None, report_cases.get_case(session, None, case_id))


class Queue(NamedTuple):
    """A queue in which something waits for who is signed in; without a team it is that of the site."""

    team: Team | None
    waiting: Waiting
    url: str


@bp.app_template_global("report_queues")
def report_queues() -> list[Queue]:
    """Return the queues with something that waits for who is signed in."""
    person = access.organiser()
    mine: list[Team | None] = [one.team for one in teams.of_organiser(session, person) if one.role in MODERATORS]
    queues = [
        Queue(team, report_cases.waiting(session, team), _queue_url(team))
        for team in mine + ([None] if person.is_site_owner else [])
    ]
    return [queue for queue in queues if queue.waiting.cases]


@bp.app_template_global("may_decide_reports")
def may_decide_reports(team: Team) -> bool:
    """Whether who is signed in decides about reports in a team."""
    return access.may(Action.DECIDE_REPORTS, team)


def _queue(team: Team | None) -> ResponseReturnValue:
    after = request.args.get("after", "")
    page = report_cases.queue(session, team, after=after)
    return render_template(
        "dashboard/reports/queue.html", team=team, page=page, after=after, queue_url=_queue_url, case_url=_case_url
    )


def _case(team: Team | None, case: ReportCase) -> ResponseReturnValue:
    form = DecideForm(_outcomes(case))
    if not form.validate_on_submit():
        return _page(team, case, form), 422 if form.is_submitted() else 200
    outcome = ReportOutcome(form.outcome.data)
    if outcome == ReportOutcome.REMOVED and case.thing == ReportedThing.CALL:
        access.require_fresh()
    ground = None if outcome == ReportOutcome.KEPT else ReportReason(form.ground.data)
    seen = form.revision.data or ""
    revision = int(seen) if re.fullmatch("[0-9]{1,9}", seen) else -1
    place = report_cases.place_of(case)
    try:
        _decide(case, Verdict(outcome, ground, form.sentence.data or "", revision))
    except tuple(_REFUSALS) as refusal:
        session.rollback()
        return _page(team, case, form, str(_REFUSALS[type(refusal)])), 409
    session.commit()
    flash(_("Decided. Who reported it is told, and so is the author of a text that goes."), "success")
    following = report_cases.queue(session, team, after=place, limit=1).rows
    return redirect(_case_url(team, following[0].case) if following else _queue_url(team), 303)


def _page(team: Team | None, case: ReportCase, form: DecideForm, refusal: str = "") -> str:
    subject = report_cases.subject(session, case)
    form.revision.data = str(subject.revision)
    return render_template(
        "dashboard/reports/case.html",
        team=team,
        case=case,
        subject=subject,
        details=details_of(subject.words.kind, subject.words.details) if subject.words else [],
        reports=report_cases.reports_of(session, case),
        decisions=report_decisions.decisions(session, case),
        earlier=report_cases.earlier(session, case),
        may_decide=report_decisions.may_decide(session, access.organiser(), case),
        may_remove=ReportOutcome.REMOVED in _outcomes(case) or case.thing == ReportedThing.STORY,
        form=form,
        refusal=refusal,
        outcomes=OUTCOMES,
        queue_url=_queue_url,
        case_url=_case_url,
    )


def _outcomes(case: ReportCase) -> list[ReportOutcome]:
    """Return what who is signed in may decide: a call or picture is taken down by those who may do that anywhere."""
    needed = Action.TAKE_CALL_DOWN if case.thing == ReportedThing.CALL else Action.EDIT_CALL
    may_remove = access.may(needed, case.call) and report_cases.subject(session, case).is_public
    return [one for one in DECISIONS[case.thing] if one != ReportOutcome.REMOVED or may_remove]


def _decide(case: ReportCase, verdict: Verdict) -> None:
    """Decide a case, and let what it is about be hidden, shown or taken down by the rules that it has."""
    person = access.organiser()
    wanted = report_decisions.story_decision(session, case, verdict.outcome)
    report_decisions.decide(session, person, case, verdict)
    if wanted:
        story, decision = wanted
        reason_class = report_decisions.REASON_CLASSES[verdict.ground] if verdict.ground else ""
        moderation.decide(
            session,
            person,
            story,
            revision=verdict.revision,
            decision=decision,
            reason_class=reason_class,
            sentence=verdict.sentence,
        )
    elif verdict.outcome == ReportOutcome.REMOVED and case.thing == ReportedThing.CALL:
        reason = RemovalReason.LAW if verdict.ground in _BY_LAW else RemovalReason.RULES
        pausing.take_down(session, person, case.call, reason=reason)
    elif verdict.outcome == ReportOutcome.REMOVED:
        pictures.take_down(session, person, pictures.get_picture(session, case.call, case.thing_id))


def _queue_url(team: Team | None, after: str | None = None) -> str:
    # From templates of other blueprints too.
    if team:
        return url_for("dashboard_reports.team", team_id=team.id, after=after)
    return url_for("dashboard_reports.site", after=after)


def _case_url(team: Team | None, case: ReportCase) -> str:
    return url_for(".team_case", team_id=team.id, case_id=case.id) if team else url_for(".site_case", case_id=case.id)
