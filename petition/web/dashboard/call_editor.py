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
    content = _with_what_was_chosen(call, editor, draft)
    try:
        saved = drafts.save(session, access.organiser(), call, content, editor.base)
    except SlugTaken:
        editor.main.slug.errors = [_("This address belongs to another call, or did once. Please choose another.")]
        return None
    session.commit()
    return saved


def _with_what_was_chosen(call: Call, editor: CallEditor, draft: CallRevision) -> CallContent:
    """Return what was typed, with those fields of another's draft that somebody chose.

    Where the newest draft is one's own, saved on another page since, what was not touched here stays as it is there.
    """
    content, newest = editor.content(), drafts.content_at(draft)
    if draft.number == editor.base:
        return comparing.with_fields_of(content, newest, request.form.getlist("theirs"))
    touched = _touched(call, editor)
    if draft.saved_by != access.organiser().id or touched is None:
        return content
    others = {one.key for one in comparing.differences_of(newest, content)} - touched
    return comparing.with_fields_of(content, newest, others)


def _touched(call: Call, editor: CallEditor) -> set[str] | None:
    """Return what was changed since the editor opened, as ``Difference.key``; None when nobody knows any more."""
    for row, _author in drafts.revisions(session, call):
        if row.number == editor.base:
            return {one.key for one in comparing.differences_of(drafts.content_at(row), editor.content())}
    return None


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
    touched = _touched(call, editor)
    return render_template(
        "dashboard/calls/conflict.html",
        call=call,
        base=conflict.theirs.number,
        choices=[
            conflicts.Choice(difference, is_theirs=touched is not None and difference.key not in touched)
            for difference in differences(call, theirs, mine)
        ],
        labels=LABELS,
        **conflicts.context(conflict, zone(call)),
    )


def differences(call: Call, old: CallContent, new: CallContent) -> list[Difference]:
    return comparing.differences_of(old, new, zone(call))


def zone(call: Call) -> str:
    return call.campaign.team.timezone if call.campaign.team else "UTC"
