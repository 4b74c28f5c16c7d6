"""The partners of a team: who they are, what they bring, their link, their tokens, and what they report."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import partner_figures, partner_reports, partner_tokens, partners
from petition.domain.access import Action
from petition.forms.partners import NewPartnerForm, PartnerForm, TokenForm
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.models import Partner, Team
from petition.web.dashboard import access

bp = Blueprint("dashboard_partners", __name__, url_prefix="/organise/teams/<int:team_id>/partners")
bp.before_request(access.signed_in_only)

_MY_TEAMS = ("dashboard_teams.teams", lazy_gettext("My teams"))

ERRORS: ErrorPages = {
    partners.NoContact: ErrorPage(
        409,
        lazy_gettext("This partner has no address"),
        lazy_gettext("Give it an e-mail address first; then we can send it the link to its own page."),
        onward=_MY_TEAMS,
    ),
    partner_tokens.TooManyTokens: ErrorPage(
        409,
        lazy_gettext("Too many tokens"),
        lazy_gettext("A partner can have ten tokens at a time. Revoke one that is not used any more."),
        onward=_MY_TEAMS,
    ),
    partner_reports.ReportChanged: ErrorPage(
        409,
        lazy_gettext("This report has changed"),
        lazy_gettext("Somebody decided it meanwhile, or the partner corrected it. Look at it again."),
        onward=_MY_TEAMS,
    ),
}

_VALUES = ("name", "url", "contact", "language", "is_listed", "is_paused")


@bp.get("")
@access.needs(Action.VIEW_TEAM)
def index(team: Team) -> ResponseReturnValue:
    """List the partners of a team with what they brought, and the reports that wait."""
    reports = partner_reports.waiting(session, team)
    decided = partner_reports.newest(session, team)
    return render_template(
        "dashboard/partners/partners.html",
        team=team,
        partners=partners.of_team(session, team),
        brought=partner_figures.brought_by_all(session, team),
        nothing=partner_figures.Brought(),
        waiting=reports,
        decided=decided,
        titles=partner_reports.titles(session, [*(one.report for one in reports), *decided]),
        may_manage=access.may(Action.MANAGE_PARTNERS, team),
    )


@bp.route("/new", methods=["GET", "POST"])
@access.needs(Action.MANAGE_PARTNERS)
def start(team: Team) -> ResponseReturnValue:
    """Add a partner."""
    form = NewPartnerForm(language=team.language)
    if form.validate_on_submit():
        try:
            partner = partners.add(session, access.organiser(), team, form.slug.data or "", _values(form))
        except partners.SlugTaken:
            form.slug.errors = [_("Another partner has this name in links. Please choose another.")]
        else:
            flash(_("The partner is there."), "success")
            session.commit()
            return redirect(url_for(".partner", team_id=team.id, partner_id=partner.id), 303)
    page = render_template("dashboard/partners/edit.html", team=team, partner=None, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/<int:partner_id>")
@access.needs(Action.VIEW_TEAM)
def partner(team: Team, partner_id: int) -> ResponseReturnValue:
    """Show what a partner brought, and to editors its link and its tokens."""
    return _page(team, partners.get_partner(session, team, partner_id), TokenForm(formdata=None))


@bp.route("/<int:partner_id>/edit", methods=["GET", "POST"])
@access.needs(Action.MANAGE_PARTNERS)
def edit(team: Team, partner_id: int) -> ResponseReturnValue:
    """Change who a partner is, pause it, or name it in public."""
    row = partners.get_partner(session, team, partner_id)
    form = PartnerForm(obj=row)
    if form.validate_on_submit():
        try:
            partners.edit(session, access.organiser(), row, form.revision.data or 0, _values(form))
        except partners.PartnerChanged:
            form.revision.data = row.revision
            form.revision.raw_data = None
            form.form_errors = [
                _("Somebody else has saved this partner meanwhile. Look at what you typed, and save it again.")
            ]
        else:
            flash(_("Saved."), "success")
            session.commit()
            return redirect(url_for(".partner", team_id=team.id, partner_id=row.id), 303)
    page = render_template("dashboard/partners/edit.html", team=team, partner=row, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/<int:partner_id>/link")
@access.needs(Action.MANAGE_PARTNERS)
def send_link(team: Team, partner_id: int) -> ResponseReturnValue:
    """Send a partner the link to its own page."""
    row = partners.get_partner(session, team, partner_id)
    partners.send_link(session, access.organiser(), row)
    return _done(row, _("We have written to %(address)s.", address=row.contact))


@bp.post("/<int:partner_id>/link/revoke")
@access.needs(Action.MANAGE_PARTNERS)
def revoke_link(team: Team, partner_id: int) -> ResponseReturnValue:
    """Make the links to a partner's own page void."""
    row = partners.get_partner(session, team, partner_id)
    partners.revoke_link(session, access.organiser(), row)
    return _done(row, _("The link works no more."))


@bp.post("/<int:partner_id>/tokens")
@access.needs(Action.MANAGE_PARTNERS)
def make_token(team: Team, partner_id: int) -> ResponseReturnValue:
    """Make a token, which the answer shows this once."""
    row, form = partners.get_partner(session, team, partner_id), TokenForm()
    if not form.validate_on_submit():
        return _page(team, row, form), 422
    _token, text = partner_tokens.make_token(session, access.organiser(), row, form.name.data or "")
    session.commit()
    return _page(team, row, TokenForm(formdata=None), made=text)


@bp.post("/<int:partner_id>/tokens/<int:token_id>/revoke")
@access.needs(Action.MANAGE_PARTNERS)
def revoke_token(team: Team, partner_id: int, token_id: int) -> ResponseReturnValue:
    """Let a token be good no more."""
    row = partners.get_partner(session, team, partner_id)
    partner_tokens.revoke_token(session, access.organiser(), partner_tokens.get_token(session, row, token_id))
    return _done(row, _("The token is good no more."))


@bp.post("/reports/<int:report_id>")
@access.needs(Action.MANAGE_PARTNERS)
def decide(team: Team, report_id: int) -> ResponseReturnValue:
    """Let a report count, or refuse it."""
    report = partner_reports.get_report(session, team, report_id)
    accept = request.form.get("decision") == "accept"
    partner_reports.decide(session, access.organiser(), report, shown=request.form.get("shown", ""), accept=accept)
    flash(_("The report counts.") if accept else _("The report does not count."), "success")
    session.commit()
    return redirect(url_for(".index", team_id=team.id), 303)


def _values(form: PartnerForm) -> dict[str, Any]:
    return {name: form[name].data or form[name].default or "" for name in _VALUES} | {
        name: form[name].data for name in ("is_listed", "is_paused")
    }


def _done(row: Partner, sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    session.commit()
    return redirect(url_for(".partner", team_id=row.team_id, partner_id=row.id), 303)


def _page(team: Team, row: Partner, form: TokenForm, made: str = "") -> str:
    may_manage = access.may(Action.MANAGE_PARTNERS, team)
    return render_template(
        "dashboard/partners/partner.html",
        team=team,
        partner=row,
        form=form,
        made=made,
        calls=partner_figures.brought_by_call(session, row),
        days=partner_figures.days(session, row),
        conversion=partner_figures.conversion(session, row),
        surges=partner_figures.surges(session, row),
        tokens=partner_tokens.tokens(session, row) if may_manage else [],
        may_manage=may_manage,
    )
