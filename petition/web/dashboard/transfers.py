"""A campaign goes to another team, when both agree."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import transfers
from petition.domain.access import Action
from petition.forms.teams import OfferForm
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import Campaign, Team
from petition.web.dashboard import access

bp = Blueprint("dashboard_transfers", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

ERRORS: ErrorPages = {
    transfers.OfferGone: ErrorPage(
        409,
        lazy_gettext("This offer is settled"),
        lazy_gettext("It was answered or taken back meanwhile."),
        onward=("dashboard_teams.teams", lazy_gettext("My teams")),
    ),
}


@bp.route("/campaigns/<int:campaign_id>/transfer", methods=["GET", "POST"])
@access.needs(Action.TRANSFER_CAMPAIGN)
def offer(campaign: Campaign) -> ResponseReturnValue:
    """Offer a campaign to another team, or show to which it is offered."""
    access.require_fresh()
    form = OfferForm()
    if form.validate_on_submit() and _offer(campaign, form):
        session.commit()
        return redirect(url_for(".offer", campaign_id=campaign.id), 303)
    page = render_template(
        "dashboard/teams/transfer.html", campaign=campaign, form=form, waiting=transfers.find_offer(session, campaign)
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/campaigns/<int:campaign_id>/transfer/withdraw")
@access.needs(Action.TRANSFER_CAMPAIGN)
def withdraw(campaign: Campaign) -> ResponseReturnValue:
    """Take the offer of a campaign back."""
    transfers.withdraw(session, access.organiser(), campaign)
    flash(_("The offer is taken back."), "success")
    session.commit()
    return redirect(url_for(".offer", campaign_id=campaign.id), 303)


@bp.post("/teams/<int:team_id>/offers/<int:offer_id>/accept")
@access.needs(Action.TRANSFER_CAMPAIGN)
def accept(team: Team, offer_id: int) -> ResponseReturnValue:
    """Take over a campaign that is offered to my team."""
    access.require_fresh()
    offered = transfers.get_offer(session, team, offer_id)
    transfers.accept(session, access.organiser(), offered)
    flash(_("The campaign %(campaign)s is yours now.", campaign=offered.campaign.hashtag), "success")
    session.commit()
    return redirect(url_for("dashboard_teams.team", team_id=team.id), 303)


@bp.post("/teams/<int:team_id>/offers/<int:offer_id>/refuse")
@access.needs(Action.TRANSFER_CAMPAIGN)
def refuse(team: Team, offer_id: int) -> ResponseReturnValue:
    """Say no to a campaign that is offered to my team."""
    offered = transfers.get_offer(session, team, offer_id)
    transfers.refuse(session, access.organiser(), offered)
    flash(_("The campaign %(campaign)s stays where it is.", campaign=offered.campaign.hashtag), "success")
    session.commit()
    return redirect(url_for("dashboard_teams.team", team_id=team.id), 303)


def _offer(campaign: Campaign, form: OfferForm) -> bool:
    """Make the offer that was typed; False, with an error in the form, when it cannot be made."""
    receiver = transfers.find_team(session, form.number.data or 0, form.name.data or "")
    if receiver is None:
        form.name.errors = [_("There is no team with this number and this name.")]
        return False
    try:
        transfers.offer(session, access.organiser(), campaign, receiver)
    except transfers.AlreadyTheirs:
        form.name.errors = [_("The campaign is in this team already.")]
    except transfers.AlreadyOffered:
        form.name.errors = [_("The campaign is offered already; take that offer back first.")]
    else:
        flash(_("The campaign is offered to %(team)s. It goes when they agree.", team=receiver.name), "success")
        return True
    session.rollback()
    return False
