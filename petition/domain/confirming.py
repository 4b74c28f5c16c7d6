"""Confirming a signature by its mailed link, changing its words before, and "this was not me"."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, case, delete, exists, null, or_, select, update
from sqlalchemy.orm import Session, aliased

from petition import db
from petition.domain import letters, telling, totals
from petition.domain.links import Link
from petition.errors import CallNotOpen, Conflict, PetitionError, WordsChanged
from petition.lib import clock, erasure_log, tokens
from petition.models import (
    FORM_COLUMNS,
    IS_PENDING,
    BlockedAddress,
    Call,
    Signature,
    SignatureState,
    Story,
    StoryWords,
    hidden_from_public,
    version_of,
)

# Rows in these states do not count and keep nobody from signing; the others do.
_UNCOUNTED = (SignatureState.PENDING, SignatureState.WITHDRAWN)


class NotPending(Conflict):
    """Raised when a signature cannot be confirmed or disowned any more."""


class Confirmation(NamedTuple):
    """A button that was pressed: whose link it was, and which words of the supporter and of the call the page showed.

    ``version`` is the digest of the former, who is credited, and the number of the latter, as ``button`` returns them.
    """

    link: Link
    version: str


def button(signature: Signature) -> str:
    """Return what the button of a confirmation names: the words of the signature, who is credited, the call's words."""
    return _button(signature.version, signature.partner, signature.call.version)


def _button(version: str, partner: str, shown: int) -> str:
    return ".".join(filter(None, (version, partner, str(shown))))


def call_version(version: str) -> int | None:
    """Return the number of the call's words that a button named, or None."""
    number = version.rpartition(".")[2]
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else None


def confirm(session: Session, confirmations: Sequence[Confirmation]) -> list[PetitionError | None]:
    """Count signatures and forget their addresses, unless news or a decision is waited for; twice changes nothing.

    What else waits for the same mailbox and call is deleted, and what was withdrawn before. Returns for each None or
    what is in the way: BrokenLink; WordsChanged when other words were shown, of the supporter or of the call; Gone when
    the call was taken down; CallNotOpen later than the grace after closing; NotPending when it was withdrawn or
    removed, or the mailbox counts with another one.
    """
    connection = session.connection()
    rows = connection.execute(_FAMILIES, {"signature_ids": [one.link.signature_id for one in confirmations]}).all()
    by_id = {row.id: row for row in rows}
    counted = {(row.call_id, row.email_digest): row.id for row in rows if row.state not in _UNCOUNTED}
    accepted: dict[int, Row[*tuple[Any, ...]]] = {}
    refusals: list[PetitionError | None] = []
    for one in confirmations:
        row = by_id.get(one.link.signature_id)
        refusal = _confirm_refusal(one, row, counted)
        refusals.append(refusal)
        if row and not refusal and row.state == SignatureState.PENDING:
            counted[row.call_id, row.email_digest] = row.id
            accepted[row.id] = row
    if accepted:
        confirmed = _write(session, accepted)
        totals.add(session, confirmed, +1)
        ids = {row.id for row in confirmed}
        if told := [row.id for row in rows if row.id in ids and row.has_story]:
            telling.submit(session, told)
        refusals = [
            WordsChanged() if one.link.signature_id in accepted.keys() - ids else refusal
            for one, refusal in zip(confirmations, refusals, strict=True)
        ]
        _delete_others(session, rows, ids)
    return refusals


def _write(session: Session, accepted: dict[int, Row[*tuple[Any, ...]]]) -> list[Row[*tuple[Any, ...]]]:
    """Confirm signatures, each with the number of the call's words that it was shown; returns those that still stood.

    One statement for each number; nearly always there is one.
    """
    confirmed: list[Row[*tuple[Any, ...]]] = []
    for number in sorted({row.shown for row in accepted.values()}):
        some = [row for row in accepted.values() if row.shown == number]
        changes = {"signature_ids": [row.id for row in some], "versions": [row.version for row in some]}
        confirmed += session.connection().execute(_CONFIRMATION, changes | {"shown": number, "now": clock.now()}).all()
    return confirmed


def _confirm_refusal(
    one: Confirmation, row: Row[*tuple[Any, ...]] | None, counted: dict[tuple[int, bytes], int]
) -> PetitionError | None:
    if row is None or not one.link.means(row.email_digest):
        return tokens.BrokenLink()
    if row.state == SignatureState.CONFIRMED:
        return None
    if row.state != SignatureState.PENDING or counted.get((row.call_id, row.email_digest), row.id) != row.id:
        return NotPending()
    if refusal := hidden_from_public(row.call_state):
        return refusal
    if one.version != _button(row.version, row.partner, row.shown):
        return WordsChanged()
    return None if row.takes_confirmations else CallNotOpen()


def _delete_others(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], confirmed: set[int]) -> None:
    """Delete what else there is of the mailboxes that count now."""
    settled = {(row.call_id, row.email_digest) for row in rows if row.id in confirmed}
    others = [row.id for row in rows if row.id not in confirmed and (row.call_id, row.email_digest) in settled]
    if others:
        session.connection().execute(delete(Signature).where(Signature.id.in_(others), Signature.state.in_(_UNCOUNTED)))


# All rows of the mailboxes whose rows are named: locked in one order everywhere, so that transactions queue.
_NAMED = (
    select(Signature.call_id, Signature.email_digest)
    .where(Signature.id.in_(bindparam("signature_ids", expanding=True)))
    .distinct()
    .cte("named")
    .prefix_with("MATERIALIZED")
)
_FAMILIES = (
    select(
        Signature.id,
        Signature.call_id,
        Signature.email_digest,
        Signature.version,
        Signature.partner,
        Signature.state,
        Call.state.label("call_state"),
        Call.version.label("shown"),
        Call.takes_confirmations.label("takes_confirmations"),
        exists().where(Story.signature_id == Signature.id).label("has_story"),
    )
    .join(_NAMED, and_(_NAMED.c.call_id == Signature.call_id, _NAMED.c.email_digest == Signature.email_digest))
    .join(Call, Call.id == Signature.call_id)
    .order_by(Signature.id)
    .with_for_update(of=Signature)
)
# For the decision about a story alone, an address stays until then.
_WAITS_FOR_DECISION = exists().where(Story.signature_id == Signature.id, Story.wants_letter)
_CONFIRMATION = (
    update(Signature)
    .where(
        # Row values would keep SQLite from using the primary key; a version stands for one mailbox's words anyway.
        Signature.id.in_(bindparam("signature_ids", expanding=True)),
        Signature.version.in_(bindparam("versions", expanding=True)),
        Signature.state == SignatureState.PENDING,
    )
    .values(
        state=SignatureState.CONFIRMED,
        confirmed_at=bindparam("now"),
        call_version=bindparam("shown"),
        email=case((or_(Signature.wants_updates, _WAITS_FOR_DECISION), Signature.email), else_=null()),
    )
    .returning(Signature.id, *totals.COUNTED)
)


def revise(session: Session, signature: Signature, *, shown: str, **words: Any) -> None:
    """Replace words of a signature that waits, which only who has its link can do; ``story`` is one of them.

    ``shown`` is the version of the words that were changed. Raises WordsChanged when they are others by now, or when
    the new ones wait already.
    """
    story: StoryWords | None = words.get("story", signature.told)
    now = {name: words.get(name, getattr(signature, name)) for name in FORM_COLUMNS}
    version = version_of(story=story, **now)
    twin = aliased(Signature)
    waits_already = exists().where(
        twin.call_id == Signature.call_id,
        twin.email_digest == Signature.email_digest,
        twin.version == version,
        twin.state == SignatureState.PENDING,
        twin.id != Signature.id,
    )
    changed = session.scalars(
        update(Signature)
        .where(
            Signature.id == signature.id,
            Signature.version == shown,
            Signature.state == SignatureState.PENDING,
            ~waits_already,
        )
        .values(version=version, **now)
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not changed:
        raise WordsChanged
    telling.replace(session, signature, story)


def send_again(session: Session, signature: Signature) -> None:
    """Write another letter about a signature that waits, to its address; its days begin anew.

    Only who has its link can ask for that, however old the link is.
    """
    if signature.state == SignatureState.PENDING and signature.email:
        signature.requested_at = clock.now()
        recipient, digest = signature.email or "", signature.email_digest
        letter = letters.NewLetter("confirm_signature", recipient, digest, signature.language, signature.call_id)
        letters.enqueue(session, [letter._replace(version=signature.version)])


def has_newer(session: Session, signature: Signature) -> bool:
    """Whether a later request of the same mailbox waits too; its own letter confirms it."""
    newer = exists().where(
        Signature.call_id == signature.call_id,
        Signature.email_digest == signature.email_digest,
        IS_PENDING,
        Signature.id > signature.id,
    )
    return bool(session.scalar(select(newer)))


def disown(session: Session, signature: Signature) -> None:
    """Erase what waits for a mailbox whose owner did not ask for it, and accept that mailbox no more for this call.

    Raises NotPending when the signature is confirmed, for then its owner's own page withdraws it, or was removed.
    """
    erased = session.scalars(
        delete(Signature)
        .where(
            Signature.call_id == signature.call_id,
            Signature.email_digest == signature.email_digest,
            Signature.state.in_(_UNCOUNTED),
        )
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    ).all()
    if signature.id not in erased:
        raise NotPending
    erasure_log.record(signature.call_id, signature.email_digest)
    session.execute(
        db.insert(db.is_sqlite(session), BlockedAddress)
        .values(
            call_id=signature.call_id,
            email_digest=signature.email_digest,
            signature_id=signature.id,
            blocked_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )


def find_block(session: Session, link: Link) -> BlockedAddress | None:
    """Return the block that was made by a link, while its mailbox is not accepted."""
    block = session.scalar(select(BlockedAddress).where(BlockedAddress.signature_id == link.signature_id))
    return block if block and link.means(block.email_digest) else None


def accept_again(session: Session, link: Link) -> None:
    """Undo the block that was made by a link; a second time changes nothing."""
    if block := find_block(session, link):
        session.delete(block)
