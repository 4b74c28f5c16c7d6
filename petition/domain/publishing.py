"""From a draft to words that the public sees, and the times of a published call.

Nothing else writes the published words: each change of them is a version that is kept, and shown as a change.
"""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Conflict, StaleRevision, WrongPhase
from petition.lib import clock
from petition.models import (
    CONSENT_VERSION,
    SHOWN,
    Call,
    CallAlias,
    CallContent,
    CallEvent,
    CallEventKind,
    CallKind,
    CallRevision,
    CallState,
    CallText,
    CallVersion,
    Organiser,
    Picture,
    TextContent,
    call_columns,
    changes_ask,
    missing,
    moment,
    newest_revisions,
    picture_columns,
    text_columns,
)

_LIVE = (CallState.PUBLISHED, CallState.PAUSED)


class NothingNew(Conflict):
    """Raised when what is to be published is published already."""


class NotApproved(Conflict):
    """Raised when a team wants a second pair of eyes and nobody approved this revision."""


class Incomplete(Conflict):
    """Raised when required words are missing in the call's own language, or in one that is published already."""


class KindFixed(Conflict):
    """Raised when the kind of a call would change that people could sign already."""


class AddressTaken(Conflict):
    """Raised when an address belongs to another call, or did once."""


class AskChanged(Conflict):
    """Raised when what people signed would change without being declared a correction, with a note for the public."""


class WrongTimes(Conflict):
    """Raised when a call would close before it opens, or in the past, or open anew."""


def newest_revision(session: Session, call: Call) -> CallRevision | None:
    """Return the draft of a call; None for a call that was never edited."""
    return session.scalar(newest_revisions(call.id).limit(1))


def needs_review(call: Call) -> bool:
    """Whether the team of a call wants a second pair of eyes."""
    return call.campaign.team is not None and call.campaign.team.needs_review


def published_texts(session: Session, call: Call) -> dict[str, TextContent]:
    """Return the published words by language; nothing before the first time."""
    version = session.get(CallVersion, (call.id, call.version))
    return cast("dict[str, TextContent]", version.texts) if version else {}


def publish(
    session: Session,
    person: Organiser | None,
    call: Call,
    *,
    revision: int,
    note: str = "",
    opens_at: datetime | None = None,
) -> None:
    """Show a revision to the public: its words as the next version, and all else that it says.

    ``person`` None is an operator, whose calls may have opened in the past and need no review. ``opens_at`` is there
    in the place of the draft's. ``note`` tells the public why words changed; it makes a change of the ask a correction.
    Other languages that are not complete yet are left out. Raises what the classes above say, and WrongPhase.
    """
    draft = _get_publishable(session, person, call, revision)
    content, old = cast("CallContent", draft.content), published_texts(session, call)
    texts = _complete(content, old)
    is_correction = call.has_opened and changes_ask(old, texts)
    if is_correction and not note.strip():
        raise AskChanged
    try:
        _write(session, person, call, draft, opens_at)
        if texts != old:
            _add_version(session, person, call, texts, note.strip(), is_correction=is_correction)
        _record(session, person, "publish_call", call, new=f"revision {revision} as version {call.version}")
    except IntegrityError:
        # Somebody took the address at the same moment.
        raise AddressTaken from None


def change_times(
    session: Session, person: Organiser, call: Call, *, opens_at: datetime, closes_at: datetime | None
) -> None:
    """Open a published call at another moment, which only one can that is not open yet, or close it at another.

    Shown to the public with its date, and written into the draft. Raises WrongTimes, and WrongPhase for other calls.
    """
    if call.state not in _LIVE:
        raise WrongPhase
    old = f"{call.opens_at:%Y-%m-%d %H:%M} to {call.closes_at or 'open end'}"
    _set_times(session, call, opens_at, closes_at)
    if draft := newest_revision(session, call):
        _keep_times(session, person, call, draft)
    _record(
        session, person, "change_times", call, old=old, new=f"{opens_at:%Y-%m-%d %H:%M} to {closes_at or 'open end'}"
    )


def _get_publishable(session: Session, person: Organiser | None, call: Call, number: int) -> CallRevision:
    """Return the revision that a button names, if it is the newest and can be published by this person."""
    draft = newest_revision(session, call)
    if draft is None or draft.number != number:
        raise StaleRevision
    if not call.is_editable:
        raise WrongPhase
    if number == call.published_revision:
        raise NothingNew
    if person and needs_review(call) and call.approved_revision != number:
        raise NotApproved
    if call.has_opened and CallKind(draft.content["kind"]) != call.kind:
        raise KindFixed
    return draft


def _complete(content: CallContent, old: dict[str, TextContent]) -> dict[str, TextContent]:
    """Return the languages that can be shown; raises Incomplete where the call's own, or a published one, cannot."""
    lacking = missing(content)
    if content["language"] in lacking or lacking.keys() & old.keys():
        raise Incomplete
    return {language: text for language, text in content["texts"].items() if language not in lacking}


def _write(
    session: Session, person: Organiser | None, call: Call, draft: CallRevision, opens_at: datetime | None
) -> None:
    """Give a call all that its draft says but the words."""
    content = cast("CallContent", draft.content)
    _move_address(session, call, content["slug"])
    _apply_times(session, person, call, opens_at or moment(content["opens_at"]), moment(content["closes_at"]))
    columns = call_columns(content)
    if content["picture_id"] != call.picture_id:
        columns |= picture_columns(session.get(Picture, content["picture_id"]) if content["picture_id"] else None)
    for name, value in columns.items():
        setattr(call, name, value)
    call.consent_version, call.published_revision = CONSENT_VERSION, draft.number
    call.submitted_by = call.submitted_revision = None
    _keep_times(session, person, call, draft)


def _apply_times(
    session: Session, person: Organiser | None, call: Call, opens_at: datetime | None, closes_at: datetime | None
) -> None:
    """Give a call the times of its draft; a moment that is past stays what it was, whatever the draft says."""
    now = clock.now()
    if call.state in _LIVE:
        opens_at = call.opens_at if call.has_opened or opens_at is None else opens_at
        _set_times(session, call, opens_at, call.closes_at if call.is_closed else closes_at)
        return
    opens_at = opens_at or now
    if person:
        opens_at = max(opens_at, now)
    if closes_at and closes_at <= opens_at:
        raise WrongTimes
    call.state, call.opens_at, call.closes_at = CallState.PUBLISHED, opens_at, closes_at
    session.add(CallEvent(call_id=call.id, kind=CallEventKind.PUBLISHED, at=now))


def _set_times(session: Session, call: Call, opens_at: datetime, closes_at: datetime | None) -> None:
    now = clock.now()
    if opens_at != call.opens_at:
        if call.has_opened or opens_at < now:
            raise WrongTimes
        _tell(session, call, CallEventKind.OPENING, call.opens_at, opens_at)
    if closes_at != call.closes_at:
        if closes_at and closes_at < now:
            raise WrongTimes
        _tell(session, call, CallEventKind.CLOSING, call.closes_at, closes_at)
        call.grace_ends_at = None
    if closes_at and closes_at <= opens_at:
        raise WrongTimes
    call.opens_at, call.closes_at = opens_at, closes_at


def _tell(session: Session, call: Call, kind: CallEventKind, old: datetime | None, new: datetime | None) -> None:
    call.changed_at = clock.now()
    was, is_now = (at.isoformat() if at else "" for at in (old, new))
    session.add(CallEvent(call_id=call.id, kind=kind, at=call.changed_at, old=was, new=is_now))


def _keep_times(session: Session, person: Organiser | None, call: Call, draft: CallRevision) -> None:
    """Write the times of a call into its draft where that says others."""
    opens_at, closes_at = (at.isoformat() if at else None for at in (call.opens_at, call.closes_at))
    content = draft.content | {"opens_at": opens_at, "closes_at": closes_at}
    if content == draft.content:
        return
    number, saved_by = draft.number + 1, person.id if person else None
    session.add(CallRevision(call_id=call.id, number=number, content=content, saved_by=saved_by, saved_at=clock.now()))
    if call.published_revision == draft.number:
        call.published_revision = number


def _move_address(session: Session, call: Call, slug: str) -> None:
    """Make what was the address an alias; raises AddressTaken."""
    if slug == call.slug:
        return
    taken = exists().where(Call.slug == slug, Call.id != call.id)
    was_taken = exists().where(CallAlias.slug == slug, CallAlias.call_id != call.id)
    if session.scalar(select(taken | was_taken)):
        raise AddressTaken
    session.execute(delete(CallAlias).where(CallAlias.slug == slug))
    if call.state in SHOWN:
        session.add(CallAlias(slug=call.slug, call_id=call.id))


def _add_version(
    session: Session,
    person: Organiser | None,
    call: Call,
    texts: dict[str, TextContent],
    note: str,
    *,
    is_correction: bool,
) -> None:
    number, now = call.version + 1, clock.now()
    raised: Any = session.execute(
        update(Call).where(Call.id == call.id, Call.version == call.version).values(version=number)
    )
    if not raised.rowcount:
        raise StaleRevision
    call.version = number
    if number > 1:
        call.changed_at = now
    session.add(
        CallVersion(
            call_id=call.id,
            number=number,
            texts=dict(texts),
            is_correction=is_correction,
            note=note,
            published_by=person.id if person else None,
            published_at=now,
        )
    )
    for language, text in texts.items():
        session.merge(CallText(call_id=call.id, **text_columns(language, text)))
    session.execute(delete(CallText).where(CallText.call_id == call.id, CallText.language.not_in(texts)))


def _record(
    session: Session, person: Organiser | None, action: str, call: Call, *, old: object = "", new: object = ""
) -> None:
    audit.record(session, person, action, call, team_id=call.campaign.team_id, old=old, new=new)
