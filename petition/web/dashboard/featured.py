"""Which published stories stand for the others: chosen by the organisers of a call."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import stories
from petition.domain.access import Action
from petition.domain.stories import Filter, StoryNotPublic, TooManyFeatured
from petition.http import urls
from petition.models import Call
from petition.web.dashboard import access

bp = Blueprint("dashboard_featured", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.get("/calls/<int:call_id>/stories/featured")
@access.needs(Action.EDIT_CALL)
def featured(call: Call) -> str:
    """Show which stories of a call are chosen, and the published ones to choose from."""
    return _page(call)


@bp.post("/calls/<int:call_id>/stories/featured")
@access.needs(Action.EDIT_CALL)
def choose(call: Call) -> ResponseReturnValue:
    """Choose a story of a call, or choose it no more."""
    typed, is_featured = request.form.get("story", ""), bool(request.form.get("featured"))
    try:
        stories.feature(session, access.organiser(), call, urls.row_id(typed), is_featured=is_featured)
    except StoryNotPublic:
        return _refused(call, _("This story is not public any more."), 422)
    except TooManyFeatured:
        return _refused(
            call,
            _("%(most)s stories are chosen already. Choose one of them no more first.", most=stories.FEATURED),
            409,
        )
    session.commit()
    flash(_("It is chosen.") if is_featured else _("It is chosen no more."), "success")
    return redirect(url_for(".featured", call_id=call.id, after=request.form.get("after") or None), 303)


def _refused(call: Call, sentence: str, status: int) -> ResponseReturnValue:
    session.rollback()
    flash(sentence, "error")
    return _page(call), status


def _page(call: Call) -> str:
    after = request.values.get("after", "")
    return render_template(
        "dashboard/featured/featured.html",
        call=call,
        chosen=stories.featured(session, call),
        page=stories.page(session, call, Filter(), after=after),
        after=after,
        most=stories.FEATURED,
    )
