"""The picture of a call: uploaded, or chosen among those of the team."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from petition.db import session
from petition.domain import pictures
from petition.domain.access import Action
from petition.forms.pictures import BUSY, CHOOSE_AGAIN, REFUSALS, UploadForm, choose_form, upload_form
from petition.http import error_pages
from petition.lib import licences
from petition.lib import pictures as picture_files
from petition.lib.pictures import PictureRefused, PicturesBusy, Refusal
from petition.models import Call, Picture
from petition.web.dashboard import access

bp = Blueprint("dashboard_pictures", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

RETRY_AFTER = 10


@bp.route("/calls/<id:call_id>/picture", methods=["GET", "POST"])
@access.needs(Action.EDIT_CALL)
def upload(call: Call) -> ResponseReturnValue:
    """Take a picture and put it into the draft of a call; show which one is there, and the others of the team."""
    form = upload_form(_alts(call, None))
    if not form.validate_on_submit():
        if form.file.data:
            form.file.errors = [CHOOSE_AGAIN]
        return _page(call, form, 422 if form.is_submitted() else 200)
    try:
        prepared = picture_files.prepare(form.file.data.stream)
    except PictureRefused as refused:
        return _refused(call, form, REFUSALS[refused.reason], 422)
    except PicturesBusy:
        return _refused(call, form, BUSY, 503)
    credit = pictures.Credit(
        form.credit.data or "",
        form.licence.data,
        licences.LICENCES[form.licence.data],
        form.source_url.data or "",
    )
    picture = pictures.add(session, access.organiser(), call, prepared, credit)
    return _put_into_draft(call, picture, form.alts)


@bp.route("/calls/<id:call_id>/pictures/<id:picture_id>", methods=["GET", "POST"])
@access.needs(Action.EDIT_CALL)
def choose(call: Call, picture_id: int) -> ResponseReturnValue:
    """Show a picture of the team, and put it into the draft of a call."""
    picture = pictures.get_picture(session, call, picture_id)
    form = choose_form(_alts(call, picture))
    if form.validate_on_submit():
        return _put_into_draft(call, picture, form.alts)
    is_chosen = pictures.draft(session, call).picture is picture
    page = render_template("dashboard/pictures/choose.html", call=call, picture=picture, form=form, is_chosen=is_chosen)
    return page, 422 if form.is_submitted() else 200


@bp.post("/calls/<id:call_id>/picture/remove")
@access.needs(Action.EDIT_CALL)
def remove(call: Call) -> ResponseReturnValue:
    """Leave the draft of a call without a picture; the team keeps it."""
    return _put_into_draft(call, None, {})


@bp.post("/calls/<id:call_id>/pictures/<id:picture_id>/take-down")
@access.needs(Action.EDIT_CALL)
def take_down(call: Call, picture_id: int) -> ResponseReturnValue:
    """Delete a picture of the team; calls that show it show none from now on."""
    pictures.take_down(session, access.organiser(), pictures.get_picture(session, call, picture_id))
    session.commit()
    flash(_("The picture is deleted, and no page shows it any more."), "success")
    return redirect(url_for(".upload", call_id=call.id))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say beside the field that a file is too large; of what was sent nothing was read."""
    if request.endpoint != "dashboard_pictures.upload" or access.find_organiser() is None:
        return error_pages.answer(error)
    response: ResponseReturnValue = _too_large(**request.view_args or {})
    return response


@access.needs(Action.EDIT_CALL)
def _too_large(call: Call) -> ResponseReturnValue:
    form = upload_form(_alts(call, None), formdata=None)
    return _refused(call, form, REFUSALS[Refusal.TOO_MANY_BYTES], 413)


def _alts(call: Call, picture: Picture | None) -> dict[str, str]:
    """Return what a draft says that its picture shows; nothing where that is not this picture, but another."""
    draft = pictures.draft(session, call)
    return draft.alts if draft.picture is picture else dict.fromkeys(draft.alts, "")


def _refused(call: Call, form: UploadForm, sentence: str, status: int) -> ResponseReturnValue:
    form.file.errors = [sentence]
    return _page(call, form, status)


def _page(call: Call, form: UploadForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "dashboard/pictures/upload.html",
        call=call,
        form=form,
        draft=pictures.draft(session, call),
        library=pictures.of_team(session, call.campaign.team_id),
        most=picture_files.MAX_PICTURE_BYTES,
        too_large=REFUSALS[Refusal.TOO_MANY_BYTES],
    )
    return page, status, {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}


def _put_into_draft(call: Call, picture: Picture | None, alts: dict[str, str]) -> ResponseReturnValue:
    pictures.put_into_draft(session, access.organiser(), call, picture, alts)
    session.commit()
    flash(_("The picture is in the draft.") if picture else _("The draft has no picture now."), "success")
    return redirect(url_for(".upload", call_id=call.id))


@bp.app_template_global("picture_draft")
def picture_draft(call: Call) -> pictures.Draft:
    """Return what the draft of a call says of its picture, for the page of its editor."""
    return pictures.draft(session, call)


@bp.app_template_filter("licence")
def licence(name: str) -> str:
    """Return how a licence is called on pages."""
    return _("used with permission") if name == licences.WITH_PERMISSION else name
