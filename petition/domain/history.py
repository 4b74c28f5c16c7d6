"""What happened to a published call, as its public page of changes tells it; only read here."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.lib import differences
from petition.lib.differences import Kind, Piece
from petition.models import TEXT_FIELDS, Call, CallEvent, CallEventKind, CallState, CallVersion

# So many characters of what stayed are shown on each side of a change, and so many versions on a page.
CONTEXT = 160
PAGE = 20


class FieldChange(NamedTuple):
    """What became of one field of the words: its name, and the pieces; what stayed is shortened."""

    name: str
    pieces: tuple[Piece, ...]


class Change(NamedTuple):
    """One version that changed published words: its number, when, why, and by language what; None for a new language.

    ``texts`` holds an empty list for a language that was taken away.
    """

    number: int
    at: datetime
    is_correction: bool
    note: str
    texts: dict[str, list[FieldChange] | None]


class Step(NamedTuple):
    """One line of a history: at a moment either a change of words or an event."""

    at: datetime
    change: Change | None
    event: CallEvent | None


def steps(session: Session, call: Call, *, before: int | None = None) -> list[Step]:
    """Return what happened, the newest first: the changes of words before a version, at most PAGE, and the events.

    On the first page are the events since its oldest change, on the last those from the beginning.
    """
    versions = session.scalars(
        select(CallVersion)
        .where(CallVersion.call_id == call.id, CallVersion.number < (before or call.version + 1))
        .order_by(CallVersion.number.desc())
        .limit(PAGE + 1)
    ).all()
    changes = [_change(old, new) for new, old in pairwise(versions)]
    until = versions[0].published_at if before and versions else None
    since = versions[-1].published_at if versions and versions[-1].number > 1 else None
    events = session.scalars(select(CallEvent).where(CallEvent.call_id == call.id).order_by(CallEvent.id)).all()
    shown = [event for event in events if (not until or event.at <= until) and (not since or event.at > since)]
    lines = [Step(change.at, change, None) for change in changes] + [Step(event.at, None, event) for event in shown]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def between(session: Session, call: Call, old: int, language: str) -> list[FieldChange]:
    """Return what became of the words of a version, up to now, in one language or else the call's own."""
    was, now = (session.get(CallVersion, (call.id, number)) for number in (old, call.version))
    if was is None or now is None:
        return []
    code = language if language in now.texts and language in was.texts else call.language
    return _fields(was.texts.get(code, {}), now.texts.get(code, {}))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[FieldChange] | None]:
    """Return what became of words, by language: None for a new one, nothing in the list for one that went."""
    texts: dict[str, list[FieldChange] | None] = {}
    for language in sorted({*old, *new}):
        was, now = old.get(language), new.get(language)
        if was is None:
            texts[language] = None
        elif was != now:
            texts[language] = _fields(was, now) if now else []
    return texts


def pause_notice(session: Session, call: Call) -> Mapping[str, str]:
    """Return what the public is told about a pause, by language; nothing for a call that is not paused."""
    if call.state != CallState.PAUSED:
        return {}
    newest = (
        select(CallEvent.notice)
        .where(CallEvent.call_id == call.id, CallEvent.kind == CallEventKind.PAUSED)
        .order_by(CallEvent.id.desc())
        .limit(1)
    )
    return session.scalar(newest) or {}


def _change(old: CallVersion, new: CallVersion) -> Change:
    return Change(new.number, new.published_at, new.is_correction, new.note, changes(old.texts, new.texts))


def _fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[FieldChange]:
    pairs = [(name, _plain(was.get(name)), _plain(now.get(name))) for name in TEXT_FIELDS]
    return [FieldChange(name, _shortened(old, new)) for name, old, new in pairs if old != new]


def _plain(value: Any) -> str:
    """Return the words of a field; addressees one a line, with their address."""
    if isinstance(value, list):
        return "\n".join(" ".join(filter(None, (one["name"], one.get("url")))) for one in value)
    return str(value or "")


@lru_cache(maxsize=128)
def _shortened(old: str, new: str) -> tuple[Piece, ...]:
    pieces = differences.words(old, new)
    last = len(pieces) - 1
    return tuple(
        Piece(piece.kind, _middle_cut(piece.text, is_first=at == 0, is_last=at == last))
        if piece.kind is Kind.SAME
        else piece
        for at, piece in enumerate(pieces)
    )


def _middle_cut(text: str, *, is_first: bool, is_last: bool) -> str:
    """Return what stayed, without what is far from a change."""
    if len(text) <= 2 * CONTEXT:
        return text
    before = "" if is_first else text[:CONTEXT].rsplit(None, 1)[0]
    after = "" if is_last else text[-CONTEXT:].split(None, 1)[-1]
    return f"{before} … {after}"
