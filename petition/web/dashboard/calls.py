"""The calls of a campaign, as organisers see and write them."""

from datetime import datetime

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import access as rules
from petition.domain import campaigns, drafts, similar_calls, totals
from petition.domain.access import Action
from petition.errors import EditConflict
from petition.forms.calls import CopyCallForm, StartCallForm
from petition.forms.drafts import LABELS
from petition.http import urls
from petition.lib import local_times, markdown
from petition.models import Call, CallKind, Campaign, missing
from petition.web.dashboard import access, call_editor, conflicts

bp = Blueprint("dashboard_calls", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.route("/campaigns/<int:campaign_id>/calls/start", methods=["GET", "POST"])
@access.needs(Action.START_CALL)
def start(campaign: Campaign) -> ResponseReturnValue:
    """Begin a draft with its kind, title and languages."""
    form = StartCallForm(data={"language": campaign.language})
    if not form.validate_on_submit():
        page = render_template("dashboard/calls/start.html", campaign=campaign, form=form)
        return page, 422 if form.errors else 200
    titles = {str(form.language.data): str(form.title.data)}
    if form.other_language.data:
        titles.setdefault(form.other_language.data, "")
    call = drafts.start(
        session, access.organiser(), campaign, kind=CallKind(form.kind.data), titles=titles, reserved=urls.words()
    )
    session.commit()
    return redirect(url_for(".edit", call_id=call.id))


@bp.get("/calls/<int:call_id>")
@access.needs(Action.VIEW_CALL)
def call(call: Call) -> ResponseReturnValue:
    """Show where a call stands, and the next step."""
    draft = drafts.newest(session, call)
    content = drafts.content_at(draft)
    return render_template(
        "dashboard/calls/call.html",
        call=call,
        draft=draft,
        content=content,
        missing=missing(content),
        opens_at=datetime.fromisoformat(content["opens_at"]) if content["opens_at"] else None,
        labels=LABELS,
        revisions=drafts.revisions(session, call)[:5],
        similar=[] if call.version else similar_calls.similar(session, call, content),
        total=totals.for_call(session, call),
        may_edit=call.is_editable and _may(Action.EDIT_CALL, call),
    )


@bp.route("/calls/<int:call_id>/edit", methods=["GET", "POST"])
@access.needs(Action.EDIT_CALL)
def edit(call: Call) -> ResponseReturnValue:
    """Show the editor; each of its buttons saves the draft first."""
    draft = drafts.newest(session, call)
    if request.method == "GET":
        editor = call_editor.form(call, draft, None, more=request.args.get("more", ""))
        return call_editor.page(call, editor, draft)
    editor = call_editor.form(call, draft, request.form)
    button, _space, code = request.form.get("do", "save").partition(" ")
    code = request.form.get("new_language", "") if button == "add" else code
    editor.press(button, code)
    try:
        saved = call_editor.save(call, editor, draft)
    except EditConflict as conflict:
        return call_editor.conflict_page(call, editor, conflict), 409
    if saved is None:
        return call_editor.page(call, editor, draft), 422
    if button == "next":
        return redirect(url_for(".call", call_id=call.id))
    flash(_("The draft is saved."), "success")
    anchor = f"{button}-{code}" if code else None
    return redirect(url_for(".edit", call_id=call.id, more=code if button == "more" else None, _anchor=anchor))


@bp.post("/calls/<int:call_id>/autosave.json")
@access.needs(Action.EDIT_CALL)
def autosave(call: Call) -> ResponseReturnValue:
    """Save what stands in the editor, and say so in a line; what is being typed stays as it is."""
    draft = drafts.newest(session, call)
    editor = call_editor.form(call, draft, request.form)
    try:
        saved = call_editor.save(call, editor, draft)
    except EditConflict as conflict:
        return jsonify(
            words=conflicts.who_and_when(conflict, call_editor.zone(call)), choose=_("Compare and choose")
        ), 409
    if saved is None:
        return jsonify(words=_("Not saved yet: %(fault)s", fault=editor.sentences()[0])), 422
    time = local_times.shown(saved.saved_at, call_editor.zone(call))[-5:]
    return jsonify(words=_("Saved at %(time)s", time=time), base=saved.number)


@bp.post("/calls/<int:call_id>/preview")
@access.needs(Action.EDIT_CALL)
def preview_markdown(call: Call) -> ResponseReturnValue:
    """Show how a text will look; nothing is saved."""
    text, language = request.form.get("text", ""), request.form.get("language", "")[:16]
    if markdown.is_too_long(text):
        return render_template("dashboard/calls/_too_long.html", most=markdown.MAX_BYTES), 422
    return markdown.render(text, f"{language}-body")


@bp.get("/calls/<int:call_id>/revisions")
@access.needs(Action.VIEW_CALL)
def revisions(call: Call) -> ResponseReturnValue:
    """List what is kept of a draft."""
    return render_template("dashboard/calls/revisions.html", call=call, revisions=drafts.revisions(session, call))


@bp.get("/calls/<int:call_id>/revisions/<int:revision_id>")
@access.needs(Action.VIEW_CALL)
def revision(call: Call, revision_id: int) -> ResponseReturnValue:
    """Show a revision, and what would change if it was restored."""
    row, author = drafts.get_revision(session, call, revision_id)
    newest, old = drafts.newest(session, call), drafts.content_at(row)
    return render_template(
        "dashboard/calls/revision.html",
        call=call,
        revision=row,
        author=author,
        content=old,
        is_newest=row.number == newest.number,
        differences=call_editor.differences(call, drafts.content_at(newest), old),
        labels=LABELS,
        may_edit=call.is_editable and _may(Action.EDIT_CALL, call),
    )


@bp.post("/calls/<int:call_id>/revisions/<int:revision_id>/restore")
@access.needs(Action.EDIT_CALL)
def restore(call: Call, revision_id: int) -> ResponseReturnValue:
    """Make an earlier revision the draft; the one that was the draft is kept."""
    row, _author = drafts.get_revision(session, call, revision_id)
    drafts.restore(session, access.organiser(), call, row)
    session.commit()
    flash(_("The earlier revision is the draft now. What stood here before is kept among the revisions."), "success")
    return redirect(url_for(".edit", call_id=call.id))


@bp.route("/calls/<int:call_id>/copy", methods=["GET", "POST"])
@access.needs(Action.VIEW_CALL)
def copy(call: Call) -> ResponseReturnValue:
    """Write a new draft with the words of this call."""
    form = CopyCallForm(data={"campaign": str(call.campaign_id)})
    writable = _campaigns_to_write_in()
    form.campaign.choices = [(str(campaign.id), title) for campaign, title in writable]
    if not form.validate_on_submit():
        page = render_template(
            "dashboard/calls/copy.html", call=call, form=form, content=drafts.content_at(drafts.newest(session, call))
        )
        return page, 422 if form.errors else 200
    target = next(campaign for campaign, _title in writable if str(campaign.id) == form.campaign.data)
    new = drafts.copy(session, access.organiser(), call, target, reserved=urls.words())
    session.commit()
    flash(_("This is a copy. Its words can be changed, and the call that it comes from stays as it is."), "success")
    return redirect(url_for(".edit", call_id=new.id))


def _may(action: Action, thing: Call | Campaign) -> bool:
    return rules.may(session, access.organiser(), action, thing)


def _campaigns_to_write_in() -> list[tuple[Campaign, str]]:
    """Return the campaigns in which the person may start a call, with their titles."""
    teams = campaigns.of_person(session, access.organiser())
    return [pair for _team, theirs in teams for pair in theirs if _may(Action.START_CALL, pair[0])]
