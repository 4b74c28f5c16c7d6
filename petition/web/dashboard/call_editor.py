"""The editor of a call around its form: saved, shown again with its faults, or beside what somebody else saved."""

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from petition.db import session
from petition.domain import comparing, drafts
from petition.domain.comparing import Difference
from petition.errors import EditConflict, SlugTaken
from petition.forms.drafts import LABELS, CallEditor, CallForm
from petition.http import urls
from petition.models import CONSENT_VERSION, Call, CallContent, CallRevision, missing
from petition.web.dashboard import access, conflicts


def form(call: Call, draft: CallRevision, typed: MultiDict[str, str] | None, *, more: str = "") -> CallEditor:
    """Return the editor of a draft, or of what was typed."""
    before = drafts.content_at(draft)
    main = CallForm(
        typed, before, base=draft.number, zone=zone(call), reserved=urls.words(), kind_stays=bool(call.version)
    )
    return CallEditor(main, typed, before, more=more)


def save(call: Call, editor: CallEditor, draft: CallRevision) -> CallRevision | None:
    """Save what was typed, with what somebody chose of another's words, and commit; None when the form has faults.

    Raises EditConflict.
    """
    if not editor.validate():
        return None
    content = editor.content()
    if chosen := request.form.getlist("theirs"):
        content = comparing.with_fields_of(
            content, drafts.content_at(draft), chosen if draft.number == editor.base else ()
        )
    try:
        saved = drafts.save(session, access.organiser(), call, content, editor.base)
    except SlugTaken:
        editor.main.slug.errors = [_("This address belongs to another call, or did once. Please choose another.")]
        return None
    session.commit()
    return saved


def page(call: Call, editor: CallEditor, draft: CallRevision) -> str:
    return render_template(
        "dashboard/calls/edit.html",
        call=call,
        editor=editor,
        draft=draft,
        missing=missing(drafts.content_at(draft)),
        consent_version=call.consent_version or CONSENT_VERSION,
        labels=LABELS,
        zone=zone(call),
    )


def conflict_page(call: Call, editor: CallEditor, conflict: EditConflict) -> str:
    """Show both drafts side by side; what only they changed since my editor opened is theirs until I say otherwise."""
    session.rollback()
    mine, theirs = editor.content(), drafts.content_at(conflict.theirs)
    kept = [row for row, _author in drafts.revisions(session, call) if row.number == editor.base]
    touched = {one.key for row in kept for one in comparing.differences_of(drafts.content_at(row), mine)}
    return render_template(
        "dashboard/calls/conflict.html",
        call=call,
        base=conflict.theirs.number,
        choices=[
            conflicts.Choice(difference, is_theirs=bool(kept) and difference.key not in touched)
            for difference in differences(call, theirs, mine)
        ],
        labels=LABELS,
        **conflicts.context(conflict, zone(call)),
    )


def differences(call: Call, old: CallContent, new: CallContent) -> list[Difference]:
    return comparing.differences_of(old, new, zone(call))


def zone(call: Call) -> str:
    return call.campaign.team.timezone if call.campaign.team else "UTC"
