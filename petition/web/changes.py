"""What changed on a call since it was published, in the open."""

from flask import Blueprint, render_template, request, url_for

from petition.db import session
from petition.domain import calls, history
from petition.forms.drafts import LABELS
from petition.http import access
from petition.http.cacheable import cacheable

bp = Blueprint("changes", __name__)
bp.before_request(access.same_origin_only)


def _number(value: str) -> str | None:
    """Return the canonical form of the number of a version; None for what is none."""
    return value.lstrip("0") or None if value.isascii() and value.isdecimal() and len(value) < 7 else None


@bp.get("/<language:lang>/calls/<slug:call>/changes")
@cacheable(ttl=1.0, params={"before": _number})
def changes(lang: str, call: str) -> str:
    """Show what changed, word by word and in each language, and when, the newest first."""
    row = calls.get_call(session, call)
    before = int(request.args.get("before", 0)) or None
    steps = history.steps(session, row, before=before)
    numbers = [step.change.number for step in steps if step.change]
    return render_template(
        "changes/changes.html",
        call=row,
        text=calls.text_of(session, row, lang),
        steps=steps,
        labels=LABELS,
        earlier=url_for(".changes", lang=lang, call=row.slug, before=min(numbers))
        if numbers and min(numbers) > 2
        else None,
    )
