"""Takes the filled-in form of a call, whichever page it stands on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from petition.db import session
from petition.db.group_commit import GroupCommit
from petition.domain import calls, items, signing
from petition.domain.settings import Switches
from petition.domain.signing import OtherKind
from petition.forms import stories
from petition.forms.signing import SignForm
from petition.http import current
from petition.lib import metrics
from petition.models import Call, CallKind, StoryWords
from petition.web import credit
from petition.web.abuse import SIGN_LIMIT, check_abuse

SIGN_UPS = Counter("petition_signups", "Forms that were accepted.", ["language"], registry=metrics.REGISTRY)

# Shows the form of a call again, with what is wrong in it.
Render = Callable[[str, Call, SignForm], str]

_sign = GroupCommit(signing.sign)


def take(lang: str, call: str, render: Render, channel: str = "") -> ResponseReturnValue | None:
    """Take the wish to sign that was sent; the letter with the link follows.

    ``channel`` is credited where the form names none. Returns None, the same for every address, or the page of a form
    that has faults. Raises SigningPaused, and what check_abuse and signing.sign raise.
    """
    current.latest(Switches).require_signing()
    typed = request.form.get("kind", CallKind.PETITION)
    kind = CallKind(typed) if typed in set(CallKind) else CallKind.PETITION
    try:
        return _take(lang, call, kind, render, channel)
    except OtherKind as other:
        # The form came from another page, or from before the call was changed.
        return _take(lang, call, other.kind, render, channel)


def _take(lang: str, slug: str, kind: CallKind, render: Render, channel: str) -> ResponseReturnValue | None:
    # The fields of a story that nobody told are not even made: that takes an eighth of a form's time.
    is_told = bool(request.form.get("story")) or not stories.KINDS[kind].fields.IS_OPTIONAL
    form = _form(lang, kind) if is_told else SignForm(lang)
    if not form.validate_on_submit():
        call = calls.get_call(session, slug)
        if call.kind != kind:
            raise OtherKind(call.kind)
        if not is_told:
            form = _form(lang, kind)
            form.validate()
        form.partner.data, form.via.data = credit.given()
        return render(lang, call, form), 422
    story = form.words(kind, lang) if is_told else None
    due_at = check_abuse(SIGN_LIMIT, form)
    if items.choose_told(session, story):
        session.commit()
    _sign(_signature_request(form, lang, slug, story, kind=kind, channel=channel, due_at=due_at))
    SIGN_UPS.labels(lang).inc()
    return None


def _form(lang: str, kind: CallKind) -> Any:
    return stories.with_story(SignForm, kind)(lang)


def _signature_request(
    form: SignForm,
    lang: str,
    call: str,
    story: StoryWords | None,
    *,
    kind: CallKind,
    channel: str,
    due_at: datetime | None,
) -> signing.SignatureRequest:
    partner, via = credit.given(channel)
    return signing.SignatureRequest(
        call=call,
        name=form.name.data or "",
        email=form.email.data or "",
        country=form.country.data or None,
        story=story,
        show_name=form.show_name.data,
        wants_updates=form.updates.data,
        language=lang,
        kind=kind,
        due_at=due_at,
        partner=partner,
        via=via,
    )
