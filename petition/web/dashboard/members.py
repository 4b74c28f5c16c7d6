"""The people of a team: invite, give another role, take out, start a way back in."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import accounts, teams
from petition.domain.access import Action
from petition.errors import LastOwner
from petition.forms.teams import ROLE_DUTIES, InvitationForm, RoleForm
from petition.models import Membership, Role, Team
from petition.web.dashboard import access

bp = Blueprint("dashboard_members", __name__, url_prefix="/organise/teams/<int:team_id>")
bp.before_request(access.signed_in_only)


@bp.route("/invite", methods=["GET", "POST"])
@access.needs(Action.MANAGE_MEMBERS)
def invite(team: Team) -> ResponseReturnValue:
    """Ask somebody into the team."""
    access.require_fresh()
    form = InvitationForm(language=team.language)
    if form.validate_on_submit():
        email, role, language = form.email.data or "", Role(form.role.data), form.language.data
        try:
            teams.invite(session, access.organiser(), team, email=email, role=role, language=language)
        except teams.AlreadyMember:
            form.email.errors = [_("This person is in the team already.")]
        except teams.AlreadyInvited:
            form.email.errors = [_("This address is invited already. You can send the invitation again.")]
        else:
            flash(_("We have written to %(address)s.", address=email), "success")
            session.commit()
            return _to_team(team)
        session.rollback()
    status = 422 if form.is_submitted() else 200
    return render_template("dashboard/teams/invite.html", team=team, form=form, duties=ROLE_DUTIES), status


@bp.post("/invitations/<int:invitation_id>/resend")
@access.needs(Action.MANAGE_MEMBERS)
def resend(team: Team, invitation_id: int) -> ResponseReturnValue:
    """Send an invitation again, with a new link."""
    invitation = teams.get_invitation(session, team, invitation_id)
    teams.resend(session, access.organiser(), invitation)
    flash(_("We have written again to %(address)s. Earlier links work no more.", address=invitation.email), "success")
    session.commit()
    return _to_team(team)


@bp.post("/invitations/<int:invitation_id>/revoke")
@access.needs(Action.MANAGE_MEMBERS)
def revoke(team: Team, invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    invitation = teams.get_invitation(session, team, invitation_id)
    teams.revoke(session, access.organiser(), invitation)
    flash(_("The invitation of %(address)s is taken back.", address=invitation.email), "success")
    session.commit()
    return _to_team(team)


@bp.route("/members/<int:organiser_id>", methods=["GET", "POST"])
@access.needs(Action.MANAGE_MEMBERS)
def member(team: Team, organiser_id: int) -> ResponseReturnValue:
    """Show what can be done about a member; on submit, give them another role."""
    access.require_fresh()
    found = teams.get_member(session, team, organiser_id)
    form = RoleForm(role=found.role.value)
    if not form.validate_on_submit():
        return _page(found, form), 422 if form.is_submitted() else 200
    try:
        teams.change_role(session, access.organiser(), found, Role(form.role.data))
    except LastOwner:
        session.rollback()
        form.role.errors = [_("This is the last owner. Make somebody else an owner first.")]
        return _page(teams.get_member(session, team, organiser_id), form), 409
    flash(_("The role of %(name)s is changed.", name=found.organiser.name), "success")
    session.commit()
    return _to_team(team)


@bp.post("/members/<int:organiser_id>/remove")
@access.needs(Action.MANAGE_MEMBERS)
def remove(team: Team, organiser_id: int) -> ResponseReturnValue:
    """Take somebody out of the team."""
    access.require_fresh()
    found = teams.get_member(session, team, organiser_id)
    teams.remove(session, access.organiser(), found)
    flash(_("%(name)s is no longer in the team.", name=found.organiser.name), "success")
    session.commit()
    return _to_team(team)


@bp.post("/members/<int:organiser_id>/reset")
@access.needs(Action.MANAGE_MEMBERS)
def reset(team: Team, organiser_id: int) -> ResponseReturnValue:
    """Start a way back in for a member who lost every way to sign in."""
    access.require_fresh()
    found = teams.get_member(session, team, organiser_id)
    accounts.ask_for_reset(session, access.organiser(), found.organiser)
    flash(_("We have written to %(name)s, who can still say no.", name=found.organiser.name), "success")
    session.commit()
    return redirect(url_for(".member", team_id=team.id, organiser_id=organiser_id), 303)


def _to_team(team: Team) -> ResponseReturnValue:
    return redirect(url_for("dashboard_teams.team", team_id=team.id), 303)


def _page(found: Membership, form: RoleForm) -> str:
    return render_template(
        "dashboard/teams/member.html",
        me=access.organiser(),
        team=found.team,
        member=found,
        form=form,
        duties=ROLE_DUTIES,
    )
