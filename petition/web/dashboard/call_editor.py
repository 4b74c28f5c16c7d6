"""The editor of a call around its form: saved, shown again with its faults, or beside what somebody else saved."""

from typing import NamedTuple

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from petition.db import session
from petition.domain import comparing, drafts
from petition.domain.comparing import Difference
from petition.errors import EditConflict, SlugTaken
from petition.forms.drafts import LABELS, Editor
from petition.http import urls
from petition.lib import local_times
from petition.models import CONSENT_VERSION, Call, CallContent, CallRevision, missing
from petition.web.dashboard import access


class Choice(NamedTuple):
    """A field that two people changed differently, and whether theirs is the better guess."""

    difference: Difference
    is_theirs: bool


def form(call: Call, draft: CallRevision, typed: MultiDict[str, str] | None, *, has_more: str = "") -> Editor:
    return Editor(
        typed,
        drafts.content_at(draft),
        base=draft.number,
        zone=zone(call),
        reserved=urls.words(),
        kind_stays=bool(call.version),
        has_more=has_more,
    )


def save(call: Call, editor: Editor, draft: CallRevision) -> CallRevision | None:
    """Save what was typed, with what somebody chose of another's words, and commit; None when the form has faults.

    Raises EditConflict.
    """
    if not editor.validate():
        return None
    base, content = _base(editor), editor.content()
    if chosen := request.form.getlist("theirs"):
        content = comparing.with_fields_of(content, drafts.content_at(draft), chosen if draft.number == base else ())
    try:
        saved = drafts.save(session, access.organiser(), call, content, base)
    except SlugTaken:
        editor.call.slug.errors = [_("This address belongs to another call, or did once. Please choose another.")]
        return None
    session.commit()
    return saved


def page(call: Call, editor: Editor, draft: CallRevision) -> str:
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


def conflict_page(call: Call, editor: Editor, conflict: EditConflict) -> str:
    """Show both drafts side by side; what only they changed since my editor opened is theirs until I say otherwise."""
    session.rollback()
    mine, theirs = editor.content(), drafts.content_at(conflict.theirs)
    kept = [row for row, _author in drafts.revisions(session, call) if row.number == _base(editor)]
    touched = {one.key for row in kept for one in comparing.differences_of(drafts.content_at(row), mine)}
    return render_template(
        "dashboard/calls/conflict.html",
        call=call,
        who_and_when=who_and_when(call, conflict),
        theirs=conflict.theirs,
        choices=[
            Choice(difference, is_theirs=bool(kept) and difference.key not in touched)
            for difference in differences(call, theirs, mine)
        ],
        typed=[
            pair for pair in request.form.items(multi=True) if pair[0] not in {"base", "csrf_token", "do", "theirs"}
        ],
        labels=LABELS,
    )


def differences(call: Call, old: CallContent, new: CallContent) -> list[Difference]:
    return comparing.differences_of(old, new, zone(call))


def who_and_when(call: Call, conflict: EditConflict) -> str:
    time = local_times.shown(conflict.when, zone(call)).replace("T", " ")
    sentence: str = _("Somebody else saved this call at %(time)s, while you were writing.", time=time)
    if conflict.who:
        sentence = _("%(name)s saved this call at %(time)s, while you were writing.", name=conflict.who, time=time)
    return sentence


def _base(editor: Editor) -> int:
    typed = editor.call.base.data or ""
    return int(typed) if str(typed).isdecimal() and len(str(typed)) < 10 else 0


def zone(call: Call) -> str:
    return call.campaign.team.timezone if call.campaign.team else "UTC"
