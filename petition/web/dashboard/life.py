"""The life of a call, for its organisers: review, publishing, pauses, times, the archive, taking down, previews."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from petition.db import session
from petition.domain import access as rules
from petition.domain import drafts, history, pausing, previews, publishing, reviewing, similar_calls
from petition.domain.access import Action
from petition.errors import Conflict, StaleRevision, WrongPhase
from petition.forms.drafts import LABELS
from petition.forms.life import PublishForm, TakeDownForm, TimesForm
from petition.http import urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import clock, local_times, texts
from petition.models import Call, RemovalReason, changes_ask, missing, moment
from petition.web.dashboard import access

bp = Blueprint("dashboard_life", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

_LONGEST_NOTICE = 600

_NOT_NOW = lazy_gettext("Not possible now")
_SENTENCES = {
    StaleRevision: lazy_gettext(
        "The draft was saved again after you opened the page. Look at it once more, then decide."
    ),
    WrongPhase: lazy_gettext("The call does not stand any more where it stood when you opened the page."),
    reviewing.OwnSubmission: lazy_gettext("Somebody else has to approve what you wrote or submitted yourself."),
    publishing.NothingNew: lazy_gettext("This is published already; nothing has changed since."),
    publishing.NotApproved: lazy_gettext(
        "Your team wants a second pair of eyes: somebody else has to approve this draft first."
    ),
    publishing.Incomplete: lazy_gettext("Required words are missing. The list below says which."),
    publishing.KindFixed: lazy_gettext(
        "What a call is cannot change after it has opened. Please set it back in the draft."
    ),
    publishing.AddressTaken: lazy_gettext(
        "Another call has, or had, this address. Please choose another one in the draft."
    ),
    publishing.AskChanged: lazy_gettext(
        "Title, addressees or ask are not as people signed them. Please say below why: the change is shown as a correction."
    ),
    publishing.WrongTimes: lazy_gettext("A call closes after it opens, and neither moment can be in the past."),
}

ERRORS: ErrorPages = {kind: ErrorPage(409, _NOT_NOW, sentence) for kind, sentence in _SENTENCES.items()}


@bp.app_context_processor
def _life() -> dict[str, Any]:
    return {"life_context": life_context}


def life_context(call: Call) -> dict[str, Any]:
    """Return what the part of a call's page about its life shows: the draft's number, what may be done, the links."""
    draft, person = drafts.newest(session, call), access.organiser()
    is_submitted = call.submitted_revision is not None and call.submitted_revision == draft.number
    return {
        "revision": draft.number,
        "is_new": draft.number > 0 and draft.number != call.published_revision,
        "needs_review": publishing.needs_review(call),
        "is_submitted": is_submitted,
        "is_approved": call.approved_revision == draft.number and draft.number > 0,
        "is_own": person.id in {call.submitted_by, draft.saved_by},
        "links": [
            (link, urls.absolute(url_for("previews.short", token=previews.token(link))))
            for link in previews.links(session, call)
        ],
        "zone": _zone(call),
        **{f"may_{action.value}": rules.may(session, person, action, call) for action in _SHOWN},
    }


_SHOWN = (Action.EDIT_CALL, Action.APPROVE_CALL, Action.PUBLISH_CALL, Action.PAUSE_CALL, Action.TAKE_CALL_DOWN)


@bp.route("/calls/<int:call_id>/publish", methods=["GET", "POST"])
@access.needs(Action.PUBLISH_CALL)
def publish(call: Call) -> ResponseReturnValue:
    """Show what would be published and what is missing; on POST publish the revision that the button names."""
    draft = drafts.newest(session, call)
    opens_at = moment(drafts.content_at(draft)["opens_at"])
    shown = local_times.shown(opens_at, _zone(call)) if opens_at and not call.version else ""
    form = PublishForm(_zone(call), data={"opens_at": shown})
    if request.method == "GET":
        return _publish_page(call, form)
    if not form.validate_on_submit():
        return _publish_page(call, form), 422
    try:
        revision = _revision()
        publishing.publish(
            session,
            access.organiser(),
            call,
            revision=revision,
            note=texts.paragraphs(form.note.data or ""),
            opens_at=None if call.version else form.moments["opens"] or clock.now(),
        )
    except Conflict as refusal:
        session.rollback()
        return _publish_page(call, form, refusal), 409
    session.commit()
    flash(
        _("It is published. The public sees it now.") if call.is_open else _("It is published, and opens by itself."),
        "success",
    )
    return _back(call)


def _publish_page(call: Call, form: PublishForm, refusal: Conflict | None = None) -> str:
    draft = drafts.newest(session, call)
    content, old = drafts.content_at(draft), publishing.published_texts(session, call)
    lacking = missing(content)
    shown = {code: text for code, text in content["texts"].items() if code not in lacking}
    form.revision.data = str(draft.number)
    return render_template(
        "dashboard/calls/publish.html",
        call=call,
        content=content,
        form=form,
        refusal=_sentence(refusal),
        missing=lacking,
        texts=history.changes(old, shown) if call.version else {},
        labels=LABELS,
        similar=[] if call.version else similar_calls.similar(session, call, content),
        needs_note=call.has_opened and changes_ask(old, content["texts"]),
        life=life_context(call),
    )


@bp.post("/calls/<int:call_id>/submit")
@access.needs(Action.EDIT_CALL)
def submit(call: Call) -> ResponseReturnValue:
    """Ask for a second pair of eyes on the revision that the button names."""
    reviewing.submit(session, access.organiser(), call, revision=_revision())
    session.commit()
    flash(_("Submitted. Somebody else of your team can approve it now."), "success")
    return _back(call)


@bp.post("/calls/<int:call_id>/approve")
@access.needs(Action.APPROVE_CALL)
def approve(call: Call) -> ResponseReturnValue:
    """Approve the revision that the button names."""
    reviewing.approve(session, access.organiser(), call, revision=_revision())
    session.commit()
    flash(_("Approved. It can be published now."), "success")
    return _back(call)


@bp.post("/calls/<int:call_id>/send-back")
@access.needs(Action.APPROVE_CALL)
def send_back(call: Call) -> ResponseReturnValue:
    """Undo a submission."""
    reviewing.send_back(session, access.organiser(), call)
    session.commit()
    flash(_("It is a draft again."), "success")
    return _back(call)


@bp.route("/calls/<int:call_id>/pause", methods=["GET", "POST"])
@access.needs(Action.PAUSE_CALL)
def pause(call: Call) -> ResponseReturnValue:
    """Ask what the public is told, in each language; on POST let nobody sign for now."""
    codes = list(publishing.published_texts(session, call)) or [call.language]
    notice = {code: texts.paragraphs(request.form.get(f"notice-{code}", "")) for code in codes}
    page = {"call": call, "notice": notice, "most": _LONGEST_NOTICE, "error": ""}
    if request.method == "GET":
        return render_template("dashboard/calls/pause.html", **page)
    if not notice.get(call.language) or max(map(len, notice.values())) > _LONGEST_NOTICE:
        page["error"] = _(
            "Please tell the public why, at least in the language of the call, in up to %(most)s characters.",
            most=_LONGEST_NOTICE,
        )
        return render_template("dashboard/calls/pause.html", **page), 422
    pausing.pause(session, access.organiser(), call, notice={code: words for code, words in notice.items() if words})
    session.commit()
    flash(_("Paused. Nobody can sign; who has an e-mail from us can still confirm."), "success")
    return _back(call)


@bp.post("/calls/<int:call_id>/resume")
@access.needs(Action.PAUSE_CALL)
def resume(call: Call) -> ResponseReturnValue:
    """Let people sign again."""
    pausing.resume(session, access.organiser(), call)
    session.commit()
    flash(_("People can sign again."), "success")
    return _back(call)


@bp.route("/calls/<int:call_id>/times", methods=["GET", "POST"])
@access.needs(Action.PUBLISH_CALL)
def times(call: Call) -> ResponseReturnValue:
    """Ask when a published call opens and closes; on POST change that, in the open."""
    zone = _zone(call)
    shown = {
        f"{name}_at": local_times.shown(at, zone) if at else ""
        for name, at in (("opens", call.opens_at), ("closes", call.closes_at))
    }
    form = TimesForm(zone, data=shown)
    page = {"call": call, "form": form, "zone": zone, "refusal": ""}
    if request.method == "GET":
        return render_template("dashboard/calls/times.html", **page)
    if not form.validate_on_submit():
        return render_template("dashboard/calls/times.html", **page), 422
    # A moment that was not touched keeps its seconds.
    opens_at, closes_at = (
        before if form[f"{name}_at"].data == shown[f"{name}_at"] else form.moments[name]
        for name, before in (("opens", call.opens_at), ("closes", call.closes_at))
    )
    if "now" in request.form:
        closes_at = clock.now()
    try:
        publishing.change_times(
            session,
            access.organiser(),
            call,
            opens_at=call.opens_at if call.has_opened or opens_at is None else opens_at,
            closes_at=closes_at,
        )
    except Conflict as refusal:
        session.rollback()
        return render_template("dashboard/calls/times.html", **page | {"refusal": _sentence(refusal)}), 409
    session.commit()
    flash(_("The times are changed, and the public page says so."), "success")
    return _back(call)


@bp.post("/calls/<int:call_id>/archive")
@access.needs(Action.PUBLISH_CALL)
def archive(call: Call) -> ResponseReturnValue:
    """Put a closed call into the archive."""
    pausing.archive(session, access.organiser(), call)
    session.commit()
    flash(_("It is in the archive."), "success")
    return _back(call)


@bp.route("/calls/<int:call_id>/take-down", methods=["GET", "POST"])
@access.needs(Action.TAKE_CALL_DOWN)
def take_down(call: Call) -> ResponseReturnValue:
    """Ask why; on POST show the call to nobody any more."""
    access.require_fresh()
    form = TakeDownForm()
    if not form.validate_on_submit():
        may_view = access.may(Action.VIEW_CALL, call)
        page = render_template("dashboard/calls/take_down.html", call=call, form=form, may_view=may_view)
        return page, 422 if form.errors else 200
    pausing.take_down(session, access.organiser(), call, reason=RemovalReason(form.reason.data))
    session.commit()
    flash(_("It is taken down. Its page says when, and why."), "success")
    return redirect(url_for(".take_down", call_id=call.id), 303)


@bp.post("/calls/<int:call_id>/preview-links")
@access.needs(Action.EDIT_CALL)
def add_preview_link(call: Call) -> ResponseReturnValue:
    """Make a link that shows the draft to whoever has it."""
    previews.create(session, access.organiser(), call)
    session.commit()
    flash(_("The link is made. Whoever has it sees the draft."), "success")
    return _back(call, "preview")


@bp.post("/calls/<int:call_id>/preview-links/<int:link_id>/revoke")
@access.needs(Action.EDIT_CALL)
def revoke_preview_link(call: Call, link_id: int) -> ResponseReturnValue:
    """Take a link back."""
    previews.revoke(session, access.organiser(), call, link_id)
    session.commit()
    flash(_("The link shows nothing any more."), "success")
    return _back(call, "preview")


def _revision() -> int:
    """Return the number of the revision that a button names; raises StaleRevision for none."""
    number = request.form.get("revision", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise StaleRevision
    return int(number)


def _sentence(refusal: Conflict | None) -> str:
    return str(_SENTENCES.get(type(refusal), _NOT_NOW)) if refusal else ""


def _zone(call: Call) -> str:
    return call.campaign.team.timezone if call.campaign.team else "UTC"


def _back(call: Call, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("dashboard_calls.call", call_id=call.id, _anchor=anchor), 303)
