"""The letters about signatures: their kinds, and what they say, decided when they are sent."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.lib import clock, email_addresses
from petition.models import (
    CONFIRM_WITHIN,
    SHOWN,
    Call,
    CallText,
    Campaign,
    Letter,
    Signature,
    SignatureState,
    end_of_confirmations,
    link_id,
)

_Row = Row[*tuple[Any, ...]]


class SignatureContext(NamedTuple):
    """What a letter says about one signature; the same for many.

    ``language`` is that of the title, ``campaign`` a hashtag, ``organiser`` who asks for it, and ``state`` that of the
    signature, or ``expired`` when it waited too long. ``confirm_until`` is rounded down to the minute, so that it is
    true, and the same for all who sign within a minute.
    """

    title: str
    language: str
    accent: str
    slug: str
    campaign: str
    organiser: str
    state: str
    confirmed_on: date | None
    confirm_until: datetime


def for_batch(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter about signatures says now, by letter id; two queries for all of them.

    Those with nothing to say any more, or nobody to say it to, are left out.
    """
    digests = [letter.email_digest for letter in batch]
    signatures = defaultdict(list)
    for row in session.execute(_SIGNATURES, {"digests": digests}):
        signatures[row.email_digest].append(row)
    titles = _titles(session, {row.call_id for rows in signatures.values() for row in rows})
    contents = {}
    for letter in batch:
        template, rows = _RULES[letter.template](letter, signatures[letter.email_digest])
        if template and letter.recipient:
            # A letter without the right to a link has none, not even in what its template could read.
            is_owner = template != "signed_with_another_address"
            entries = tuple(
                Entry(
                    _context(row, titles, letter.language),
                    link_id(row.id, row.email_digest) if is_owner else "",
                )
                for row in rows
            )
            contents[letter.id] = Content(template, entries)
    return contents


def _confirm_signature(letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    mine = [row for row in theirs if row.call_id == letter.call_id and _is_shown(row)]
    if counted := [row for row in mine if row.state == SignatureState.CONFIRMED]:
        # The mailbox counts already; only the very address that confirmed is sent the key to that signature.
        is_owner = all(_is_owner(row, letter) for row in counted)
        return "already_signed" if is_owner else "signed_with_another_address", counted
    asked = [row for row in mine if row.version == letter.version and _can_be_confirmed(row)]
    return ("confirm_signature", asked) if asked else ("", [])


def _my_signatures(letter: Letter, theirs: Sequence[_Row]) -> tuple[str, list[_Row]]:
    """List whatever there is, also what was withdrawn or removed: it can be erased from its page."""
    mine = [row for row in theirs if _is_owner(row, letter)]
    return "my_signatures" if mine else "no_signatures", mine


def _is_owner(row: _Row, letter: Letter) -> bool:
    """Whether a letter goes to the very address that signed; one mailbox for counting is no proof of that.

    Rows from before migration 0004 do not know their address. It was folded then on every domain, so the way is open
    to the plain form only, which no tag can claim.
    """
    recipient = letter.recipient or ""
    if row.address_digest is not None:
        return bool(row.address_digest == email_addresses.exact_digest(recipient))
    return "+" not in recipient.partition("@")[0][1:]


def _is_shown(row: _Row) -> bool:
    """Whether its call is there for the public; about one that was taken away there is nothing to write."""
    return row.call_state in SHOWN


def _can_be_confirmed(row: _Row) -> bool:
    return row.state == SignatureState.PENDING and clock.now() < _confirm_until(row)


def _confirm_until(row: _Row) -> datetime:
    """Return until when a signature can be confirmed; while its call is paused as if it was resumed now."""
    pause = clock.now() - max(row.paused_at, row.requested_at) if row.paused_at else timedelta()
    forgotten_at: datetime = row.requested_at + CONFIRM_WITHIN + pause
    return min(forgotten_at, end_of_confirmations(row.closes_at, row.grace_ends_at, row.paused_at))


def _titles(session: Session, calls: Collection[int]) -> dict[tuple[int, str], str]:
    rows = session.execute(
        select(CallText.call_id, CallText.language, CallText.title).where(CallText.call_id.in_(calls))
    )
    return {(call_id, language): title for call_id, language, title in rows}


def _context(row: _Row, titles: dict[tuple[int, str], str], language: str) -> SignatureContext:
    """Take the title in the letter's language, or else in the call's own."""
    found: str = language if (row.call_id, language) in titles else row.call_language
    return SignatureContext(
        title=" ".join(titles.get((row.call_id, found), row.hashtag or row.slug).split()),
        language=found,
        accent=row.accent,
        slug=row.slug,
        campaign=row.campaign,
        organiser=" · ".join(filter(None, (row.campaign, row.organiser_name))),
        state=row.state.value if row.state != SignatureState.PENDING or _can_be_confirmed(row) else "expired",
        confirmed_on=row.confirmed_at.date() if row.confirmed_at else None,
        confirm_until=_confirm_until(row).replace(second=0, microsecond=0),
    )


# Plain columns: whole rows with their calls would take three times as long as all the rest of a letter.
_SIGNATURES = (
    select(
        Signature.id,
        Signature.call_id,
        Signature.email_digest,
        Signature.address_digest,
        Signature.version,
        Signature.state,
        Signature.requested_at,
        Signature.confirmed_at,
        Call.slug,
        Call.hashtag,
        Call.language.label("call_language"),
        Call.state.label("call_state"),
        Call.closes_at,
        Call.grace_ends_at,
        Call.paused_at,
        Campaign.accent,
        Campaign.hashtag.label("campaign"),
        Campaign.organiser_name,
    )
    .join(Call, Call.id == Signature.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .where(Signature.email_digest.in_(bindparam("digests", expanding=True)))
    .order_by(Signature.id)
)

# What a letter turns into, by its kind: a template and the signatures; no template means that it has nothing to say.
_RULES: dict[str, Callable[[Letter, Sequence[_Row]], tuple[str, list[_Row]]]] = {
    "confirm_signature": _confirm_signature,
    "my_signatures": _my_signatures,
}

_LINKS = {"confirm": CONFIRM_WITHIN, "not-me": CONFIRM_WITHIN, "me": timedelta(days=terms.LINK_DAYS)}

letters.register(LetterKind("confirm_signature", priority=0, content=for_batch, links=_LINKS))
letters.register(LetterKind("my_signatures", priority=1, content=for_batch, links=_LINKS, same_per_day=5))
