"""Which sites may show the form of a call."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import framing
from petition.domain.access import Action
from petition.forms.framing import FramesForm, origins
from petition.models import Call
from petition.web.dashboard import access

bp = Blueprint("dashboard_framing", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.route("/calls/<int:call_id>/frames", methods=["GET", "POST"])
@access.needs(Action.EDIT_CALL)
def frames(call: Call) -> ResponseReturnValue:
    """Show and change which sites may show the form of a call; without a list, all of them."""
    form = FramesForm(origins="\n".join(framing.origins(call)), shown=call.frame_origins)
    if form.validate_on_submit():
        try:
            framing.change(session, access.organiser(), call, form.shown.data or "", origins(form.origins.data or ""))
        except framing.FramesChanged:
            form.shown.data = call.frame_origins
            form.form_errors = [
                _("Somebody else has changed the list meanwhile: %(list)s", list=call.frame_origins or _("all sites"))
            ]
        else:
            session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for("dashboard_calls.call", call_id=call.id), 303)
    page = render_template("dashboard/calls/frames.html", call=call, form=form)
    return page, 422 if form.is_submitted() else 200
