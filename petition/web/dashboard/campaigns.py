"""The campaigns of an organiser's teams, and their words."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from petition.db import session
from petition.domain import access as rules
from petition.domain import campaigns as campaign_rules
from petition.domain import comparing, drafts
from petition.domain.access import Action
from petition.errors import EditConflict, SlugTaken
from petition.forms.campaigns import LABELS, CampaignEditor, CampaignForm, StartCampaignForm
from petition.http import urls
from petition.models import Campaign, Team
from petition.web.dashboard import access, conflicts

bp = Blueprint("dashboard_campaigns", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.get("/campaigns")
@access.needs(Action.OWN_ACCOUNT)
def campaigns() -> ResponseReturnValue:
    """List the campaigns of one's teams."""
    person = access.organiser()
    teams = [
        (team, theirs, rules.may(session, person, Action.START_CAMPAIGN, team))
        for team, theirs in campaign_rules.of_person(session, person)
    ]
    return render_template("dashboard/campaigns/campaigns.html", teams=teams)


@bp.get("/campaigns/<int:campaign_id>")
@access.needs(Action.VIEW_CAMPAIGN)
def campaign(campaign: Campaign) -> ResponseReturnValue:
    """Show a campaign and its calls, drafts too."""
    person = access.organiser()
    return render_template(
        "dashboard/campaigns/campaign.html",
        campaign=campaign,
        content=campaign_rules.content(session, campaign),
        calls=drafts.titles(session, campaign_rules.calls_of(session, campaign)),
        is_published=campaign_rules.is_published(session, campaign),
        may_edit=rules.may(session, person, Action.EDIT_CAMPAIGN, campaign),
        may_start=rules.may(session, person, Action.START_CALL, campaign),
        may_transfer=rules.may(session, person, Action.TRANSFER_CAMPAIGN, campaign),
    )


@bp.route("/teams/<int:team_id>/campaigns/start", methods=["GET", "POST"])
@access.needs(Action.START_CAMPAIGN)
def start(team: Team) -> ResponseReturnValue:
    """Begin a campaign, and then at once its first call."""
    form = StartCampaignForm(data={"language": team.language})
    if not form.validate_on_submit():
        page = render_template("dashboard/campaigns/start.html", team=team, form=form)
        return page, 422 if form.errors else 200
    new = campaign_rules.start(
        session,
        access.organiser(),
        team,
        title=str(form.title.data),
        hashtag=str(form.hashtag.data),
        language=str(form.language.data),
        reserved=urls.words(),
    )
    session.commit()
    flash(_("The campaign is there. Now its first call."), "success")
    return redirect(url_for("dashboard_calls.start", campaign_id=new.id))


@bp.route("/campaigns/<int:campaign_id>/edit", methods=["GET", "POST"])
@access.needs(Action.EDIT_CAMPAIGN)
def edit(campaign: Campaign) -> ResponseReturnValue:
    """Show the editor of a campaign; each of its buttons saves."""
    if request.method == "GET":
        return _page(campaign, _editor(campaign, None))
    editor = _editor(campaign, request.form)
    button, _space, code = request.form.get("do", "save").partition(" ")
    editor.press(button, request.form.get("new_language", "") if button == "add" else code)
    try:
        is_saved = _save(campaign, editor)
    except EditConflict as conflict:
        return _conflict_page(campaign, editor, conflict), 409
    if not is_saved:
        return _page(campaign, editor), 422
    flash(_("The campaign is saved."), "success")
    onward = ".campaign" if button == "save" else ".edit"
    return redirect(url_for(onward, campaign_id=campaign.id))


def _editor(campaign: Campaign, typed: MultiDict[str, str] | None) -> CampaignEditor:
    before = campaign_rules.content(session, campaign)
    main = CampaignForm(
        typed,
        before,
        base=campaign.revision,
        language=urls.language(),
        reserved=urls.words(),
        slug_stays=campaign_rules.is_published(session, campaign),
    )
    return CampaignEditor(main, typed, before)


def _save(campaign: Campaign, editor: CampaignEditor) -> bool:
    """Save what was typed, with what somebody chose of another's words, and commit; False when the form has faults."""
    if not editor.validate():
        return False
    content = editor.content()
    if campaign.revision == editor.base:
        theirs = campaign_rules.content(session, campaign)
        content = comparing.with_fields_of(content, theirs, request.form.getlist("theirs"))
    try:
        campaign_rules.save(session, access.organiser(), campaign, content, editor.base)
    except SlugTaken:
        session.rollback()
        editor.main.slug.errors = [_("This address belongs to another campaign. Please choose another.")]
        return False
    session.commit()
    return True


def _page(campaign: Campaign, editor: CampaignEditor) -> str:
    return render_template("dashboard/campaigns/edit.html", campaign=campaign, editor=editor, labels=LABELS)


def _conflict_page(campaign: Campaign, editor: CampaignEditor, conflict: EditConflict) -> str:
    session.rollback()
    differences = comparing.differences_of(conflict.theirs, editor.content())
    return render_template(
        "dashboard/campaigns/conflict.html",
        campaign=campaign,
        choices=[conflicts.Choice(difference, is_theirs=False) for difference in differences],
        base=campaign.revision,
        labels=LABELS,
        **conflicts.context(conflict, campaign.team.timezone if campaign.team else "UTC"),
    )
