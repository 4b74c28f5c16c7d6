"""What letters say, decided when they are sent: their template, and the signatures that they speak of."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from petition.domain.letters import CONFIRM_WITHIN
from petition.lib import clock
from petition.models import CONFIRMING_GRACE, Call, CallState, CallText, Campaign, Letter, Signature, SignatureState

_Row = Row[*tuple[Any, ...]]


class Entry(NamedTuple):
    """A signature that a letter speaks of, with its call's title and the moment until which it can be confirmed."""

    signature_id: int
    slug: str
    accent: str
    title: str
    language: str
    confirmed_at: datetime | None
    confirm_until: datetime


class Content(NamedTuple):
    """What a letter says as things stand now: its template and the signatures it speaks of."""

    template: str
    entries: Sequence[Entry]


def of(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter of a batch says now, by letter; those with nothing to say any more are left out."""
    digests = [letter.email_digest for letter in batch]
    found = defaultdict(list)
    for row in session.execute(_SIGNATURES, {"digests": digests}):
        found[row.email_digest].append(row)
    titles = _titles(session, {row.call_id for rows in found.values() for row in rows})
    said = {}
    for letter in batch:
        template, spoken_of = _RULES[letter.template](letter, found[letter.email_digest])
        if template and letter.recipient:
            entries = [_entry(row, titles, letter.language) for row in spoken_of]
            said[letter.id] = Content(template, entries)
    return said


def _confirm_signature(letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    mine = [row for row in theirs if row.call_id == letter.call_id and _is_shown(row)]
    if any(row.state == SignatureState.CONFIRMED for row in mine):
        return "already_signed", mine
    return ("confirm_signature", mine) if any(map(_is_open, mine)) else ("", [])


def _my_signatures(_letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    known = [row for row in theirs if row.state == SignatureState.CONFIRMED or _is_open(row)]
    shown = [row for row in known if _is_shown(row)]
    return "my_signatures" if shown else "no_signatures", shown


def _is_shown(row: _Row) -> bool:
    """Whether its call is there for the public; about one that was taken away there is nothing to write."""
    return bool(row.call_state == CallState.PUBLISHED)


def _is_open(row: _Row) -> bool:
    """Whether the signature can still be confirmed."""
    return row.state == SignatureState.PENDING and clock.now() < _confirm_until(row)


def _confirm_until(row: _Row) -> datetime:
    forgotten_at: datetime = row.requested_at + CONFIRM_WITHIN
    return forgotten_at if row.closes_at is None else min(forgotten_at, row.closes_at + CONFIRMING_GRACE)


def _titles(session: Session, calls: Collection[int]) -> dict[tuple[int, str], str]:
    rows = session.execute(
        select(CallText.call_id, CallText.language, CallText.title).where(CallText.call_id.in_(calls))
    )
    return {(call_id, language): title for call_id, language, title in rows}


def _entry(row: _Row, titles: dict[tuple[int, str], str], language: str) -> Entry:
    """Take the title in the letter's language, or else in the call's own."""
    found: str = language if (row.call_id, language) in titles else row.call_language
    title = titles.get((row.call_id, found), row.hashtag or row.slug)
    return Entry(row.id, row.slug, row.accent, title, found, row.confirmed_at, _confirm_until(row))


# Plain columns: whole rows with their calls would take three times as long as all the rest of a letter.
_SIGNATURES = (
    select(
        Signature.id,
        Signature.call_id,
        Signature.email_digest,
        Signature.state,
        Signature.requested_at,
        Signature.confirmed_at,
        Call.slug,
        Call.hashtag,
        Call.language.label("call_language"),
        Call.state.label("call_state"),
        Call.closes_at,
        Campaign.accent,
    )
    .join(Call, Call.id == Signature.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .where(Signature.email_digest.in_(bindparam("digests", expanding=True)))
    .order_by(Signature.id)
)

# What a posted letter turns into, by its template; no template means that it has nothing to say.
_RULES: dict[str, Callable[[Letter, Sequence[_Row]], tuple[str, list[_Row]]]] = {
    "confirm_signature": _confirm_signature,
    "my_signatures": _my_signatures,
}
