"""My teams, the page of one with its people, and what it is called."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import teams, transfers
from petition.domain.access import Action
from petition.errors import LastOwner
from petition.forms.teams import ROLE_DUTIES, ROLE_NAMES, NewTeamForm, TeamForm
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import Role, Team
from petition.web.dashboard import access

bp = Blueprint("dashboard_teams", __name__, url_prefix="/organise/teams")
bp.before_request(access.signed_in_only)

bp.add_app_template_filter(lambda role: ROLE_NAMES[Role(role)], "role_name")
bp.add_app_template_filter(lambda role: ROLE_DUTIES[Role(role)], "role_duty")

_MY_TEAMS = ("dashboard_teams.teams", lazy_gettext("My teams"))

ERRORS: ErrorPages = {
    LastOwner: ErrorPage(
        409,
        lazy_gettext("A team needs an owner"),
        lazy_gettext("Nobody else owns it. Make somebody else an owner first; then it is possible."),
        onward=_MY_TEAMS,
    ),
    teams.InvitationAnswered: ErrorPage(
        409,
        lazy_gettext("This invitation is settled"),
        lazy_gettext("It was accepted, declined or taken back meanwhile."),
        onward=_MY_TEAMS,
    ),
}


@bp.get("", endpoint="teams")
@access.needs(Action.OWN_ACCOUNT)
def my_teams() -> ResponseReturnValue:
    """List my teams; for a site owner also those that wait for their first owner."""
    person = access.organiser()
    return render_template(
        "dashboard/teams/teams.html",
        memberships=teams.of_organiser(session, person),
        waiting=teams.without_members(session) if person.is_site_owner else [],
        may_start=person.is_site_owner,
    )


@bp.route("/new", methods=["GET", "POST"])
@access.needs(Action.START_TEAM)
def start() -> ResponseReturnValue:
    """Make a team and invite its first owner."""
    access.require_fresh()
    form = NewTeamForm(language=access.organiser().language)
    if not form.validate_on_submit():
        return render_template("dashboard/teams/start.html", form=form), 422 if form.is_submitted() else 200
    teams.start(
        session,
        access.organiser(),
        name=form.name.data or "",
        language=form.language.data,
        timezone=form.timezone.data,
        owner_email=form.owner_email.data or "",
    )
    flash(_("The team is there. We have written to %(address)s.", address=form.owner_email.data), "success")
    session.commit()
    return redirect(url_for(".teams"), 303)


@bp.post("/<int:team_id>/first-invitation")
@access.needs(Action.START_TEAM)
def resend_first(team: Team) -> ResponseReturnValue:
    """Send the invitation of the first owner again."""
    waiting = [invitation for invitation in teams.without_members(session) if invitation.team_id == team.id]
    if not waiting:
        raise teams.InvitationAnswered
    teams.resend(session, access.organiser(), waiting[0])
    flash(_("We have written again to %(address)s.", address=waiting[0].email), "success")
    session.commit()
    return redirect(url_for(".teams"), 303)


@bp.get("/<int:team_id>")
@access.needs(Action.VIEW_TEAM)
def team(team: Team) -> ResponseReturnValue:
    """Show who is in a team, and to its owners who is invited and what is offered."""
    return render_template(
        "dashboard/teams/team.html",
        team=team,
        me=access.organiser(),
        members=teams.members(session, team),
        invitations=teams.invitations(session, team),
        offers=transfers.offers_to(session, team),
        may_manage=access.may(Action.MANAGE_MEMBERS, team),
    )


@bp.route("/<int:team_id>/edit", methods=["GET", "POST"])
@access.needs(Action.EDIT_TEAM)
def edit(team: Team) -> ResponseReturnValue:
    """Change what a team is called and how it works."""
    form = TeamForm(obj=team)
    if not form.validate_on_submit():
        return render_template("dashboard/teams/edit.html", team=team, form=form), 422 if form.is_submitted() else 200
    teams.edit(
        session,
        access.organiser(),
        team,
        name=form.name.data or "",
        language=form.language.data,
        timezone=form.timezone.data,
        needs_review=form.needs_review.data,
        publishes_unread=form.publishes_unread.data,
    )
    flash(_("Saved."), "success")
    session.commit()
    return redirect(url_for(".team", team_id=team.id), 303)


@bp.post("/<int:team_id>/leave")
@access.needs(Action.VIEW_TEAM)
def leave(team: Team) -> ResponseReturnValue:
    """End my own role in a team."""
    teams.leave(session, teams.get_member(session, team, access.organiser().id))
    flash(_("You are no longer in the team %(team)s.", team=team.name), "success")
    session.commit()
    return redirect(url_for(".teams"), 303)
