"""Signing a call and confirming it by mail: from the form to the total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Insert, Row, bindparam, case, delete, exists, literal, null, or_, select, update
from sqlalchemy.orm import Session

from petition import db
from petition.domain import letters, totals
from petition.errors import Conflict, Gone, NotFound, PetitionError
from petition.lib import clock, email_addresses, erasure_log, names, tokens
from petition.models import BlockedAddress, Call, CallState, Signature, SignatureState

# The version of the three sentences beside the boxes (forms/signing.py); it is stored with each signature.
CONSENT_VERSION = "2026-11"


# Who signs again, or never signed, may change a signature in these states; the others stand.
_UNCOUNTED = (SignatureState.PENDING, SignatureState.WITHDRAWN)


class CallNotOpen(Conflict):
    """Raised when somebody signs or confirms before the opening or after the closing moment."""


class NotPending(Conflict):
    """Raised when a signature cannot be confirmed or disowned any more."""


@dataclass(frozen=True)
class SignatureRequest:
    """What somebody typed into the form of a call; the letter may leave at once or from ``due_at`` on."""

    call: str
    name: str
    email: str
    country: str | None
    story: str | None
    show_name: bool
    wants_updates: bool
    language: str
    due_at: datetime | None = None


class Supporter(NamedTuple):
    """What the public sees of one person who agreed to be shown."""

    name: str
    country: str | None
    confirmed_at: datetime


def sign(session: Session, requests: Sequence[SignatureRequest]) -> list[PetitionError | None]:
    """Record requests to sign and write the letters that ask to confirm; returns for each CallNotOpen, or None.

    It does the same, in the same time, for an address that is new, waiting or already confirmed: the letter's text is
    chosen when it is sent. What is confirmed is never changed from here.
    """
    now = clock.now()
    connection = session.connection()
    rows = connection.execute(_CALLS, {"slugs": list({request.call for request in requests})})
    calls = {row.slug: row for row in rows}
    refusals = [_refusal(calls.get(request.call)) for request in requests]
    taken = [
        (calls[request.call].id, email_addresses.digest(request.email), request)
        for request, refusal in zip(requests, refusals, strict=True)
        if refusal is None
    ]
    if taken:
        # In one order everywhere, so that transactions with the same addresses queue and cannot lock each other out.
        taken.sort(key=itemgetter(0, 1))
        same = {"requested_at": now, "state": SignatureState.PENDING, "consent_version": CONSENT_VERSION}
        written = [
            same
            | {"call_id": call_id, "email_digest": digest}
            | {name: getattr(request, name) for name in FORM_COLUMNS}
            for call_id, digest, request in taken
        ]
        connection.execute(_upsert(db.is_sqlite(session)), written)
        letters.enqueue(
            session,
            [
                _letter(request.email, digest, request.language, call_id, request.due_at)
                for call_id, digest, request in taken
            ],
        )
    return refusals


def _refusal(call: Row[*tuple[Any, ...]] | None) -> PetitionError | None:
    if call is None or call.state in {CallState.DRAFT, CallState.HIDDEN}:
        return NotFound()
    if call.state == CallState.REMOVED:
        return Gone()
    return None if call.is_open else CallNotOpen()


# The statements of this file are put together once: that takes longer than to run them.
_CALLS = select(
    Call.slug,
    Call.id,
    Call.state,
    Call.is_open.label("is_open"),
).where(Call.slug.in_(bindparam("slugs", expanding=True)))

FORM_COLUMNS = ("name", "email", "country", "story", "show_name", "wants_updates", "language")


@cache
def _upsert(is_sqlite: bool) -> Insert:
    """Return the upsert of a request: new, or over one that does not count, but not for a blocked address."""
    row = Signature.__table__.c
    written = (*FORM_COLUMNS, "state", "consent_version", "requested_at")
    bind_params = {name: bindparam(name, type_=row[name].type) for name in ("call_id", "email_digest", *written)}
    is_blocked = exists().where(
        BlockedAddress.call_id == bind_params["call_id"], BlockedAddress.email_digest == bind_params["email_digest"]
    )
    statement = db.insert(is_sqlite, Signature).from_select(
        [*bind_params, "partner"], select(*bind_params.values(), literal("", row["partner"].type)).where(~is_blocked)
    )
    fresh: dict[str, Any] = {name: statement.excluded[name] for name in written}
    return statement.on_conflict_do_update(
        index_elements=[Signature.call_id, Signature.email_digest],
        set_=fresh | {"confirmed_at": None, "withdrawn_at": None},
        where=or_(*(Signature.state == state for state in _UNCOUNTED)),
    )


def get_by_link(session: Session, purpose: str, token: str) -> Signature:
    """Return the signature that a mailed link means.

    Raises NotFound for a link that is not ours or whose signature is gone, LinkExpired for one that is too old.
    """
    signature = find_by_link(session, purpose, token)
    if signature is None:
        raise NotFound
    return signature


def get_to_confirm(session: Session, token: str) -> Signature:
    """Return the signature of a confirmation link; raises as ``get_by_link``, and NotPending when it cannot count."""
    signature = get_by_link(session, "confirm", token)
    if signature.state not in {SignatureState.PENDING, SignatureState.CONFIRMED}:
        raise NotPending
    return signature


def find_by_link(session: Session, purpose: str, token: str) -> Signature | None:
    """Return the signature that a mailed link means, or None when it is gone; raises as ``get_by_link``."""
    return session.get(Signature, read_link(purpose, token))


def read_link(purpose: str, token: str) -> int:
    """Return the signature_id of the signature that a mailed link means; raises as ``get_by_link``."""
    return tokens.read(purpose, token, letters.LINK_LIFETIMES[purpose])


def find_expired(session: Session, token: str) -> Signature | None:
    """Return the signature of a confirmation link however old, or None when it is gone; raises NotFound."""
    try:
        return find_by_link(session, "confirm", token)
    except tokens.LinkExpired as expired:
        return session.get(Signature, expired.number)


def confirm(session: Session, signature_ids: Sequence[int]) -> list[PetitionError | None]:
    """Count signatures and forget their addresses, unless news is wanted; a second time changes nothing.

    Returns for each None or what is in the way: NotFound, CallNotOpen later than 24 hours after closing, NotPending
    when it was withdrawn or removed.
    """
    changes = {"signature_ids": signature_ids, "now": clock.now()}
    confirmed = session.connection().execute(_CONFIRMATION, changes).all()
    totals.add(session, confirmed, +1)
    refusals: dict[int, PetitionError | None] = {row.id: None for row in confirmed}
    if others := set(signature_ids) - refusals.keys():
        rows = session.execute(select(Signature.id, Signature.state).where(Signature.id.in_(others)))
        refusals |= {signature_id: _WHY_NOT[state]() if state in _WHY_NOT else None for signature_id, state in rows}
    return [refusals.get(signature_id, NotFound()) for signature_id in signature_ids]


_WHY_NOT: dict[SignatureState, type[PetitionError]] = {
    SignatureState.PENDING: CallNotOpen,
    SignatureState.WITHDRAWN: NotPending,
    SignatureState.REMOVED: NotPending,
}

# In one order everywhere, so that transactions with the same signatures queue and cannot lock each other out.
_TO_CONFIRM = (
    select(Signature.id)
    .join(Call)
    .where(
        Signature.id.in_(bindparam("signature_ids", expanding=True)),
        Signature.state == SignatureState.PENDING,
        Call.takes_confirmations,
    )
    .order_by(Signature.id)
    .with_for_update(of=Signature)
    .cte("to_confirm")
    .prefix_with("MATERIALIZED")
)
_CONFIRMATION = (
    update(Signature)
    .where(Signature.id.in_(select(_TO_CONFIRM.c.id)))
    .values(
        state=SignatureState.CONFIRMED,
        confirmed_at=bindparam("now"),
        email=case((Signature.wants_updates, Signature.email), else_=null()),
    )
    .returning(Signature.id, *totals.COUNTED)
)


def send_again(session: Session, token: str) -> Signature:
    """Write another letter to the address of a confirmation link however old; raises NotFound when it is gone."""
    signature = find_expired(session, token)
    if signature is None:
        raise NotFound
    if signature.state == SignatureState.PENDING and signature.email:
        signature.requested_at = clock.now()
        letters.enqueue(
            session, [_letter(signature.email, signature.email_digest, signature.language, signature.call_id)]
        )
    return signature


def disown(session: Session, signature: Signature) -> None:
    """Erase a signature that its mailbox's owner did not ask for, and accept that address no more for this call.

    Raises NotPending when it is confirmed, for then its owner's own page withdraws it, or was removed.
    """
    erased = session.execute(
        delete(Signature)
        .where(Signature.id == signature.id, Signature.state.in_(_UNCOUNTED))
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if not erased:
        raise NotPending
    erasure_log.record(signature.call_id, signature.email_digest)
    session.execute(
        db.insert(db.is_sqlite(session), BlockedAddress)
        .values(call_id=signature.call_id, email_digest=signature.email_digest, blocked_at=clock.now())
        .on_conflict_do_nothing()
    )


def newest(session: Session, call: Call, limit: int = 8) -> list[Supporter]:
    """Return the latest supporters who agreed to be shown, the newest first."""
    rows = session.execute(
        select(Signature.name, Signature.country, Signature.confirmed_at)
        .where(Signature.call_id == call.id, Signature.state == SignatureState.CONFIRMED, Signature.show_name)
        .order_by(Signature.confirmed_at.desc())
        .limit(limit)
    )
    return [Supporter(names.short(name), country, at) for name, country, at in rows if name and at]


def delete_unconfirmed(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` signatures that nobody confirmed, asked for before that moment; returns how many."""
    old = (
        select(Signature.id)
        .where(Signature.state == SignatureState.PENDING, Signature.requested_at < before)
        .limit(limit)
    )
    still = Signature.state == SignatureState.PENDING
    return len(session.scalars(delete(Signature).where(Signature.id.in_(old), still).returning(Signature.id)).all())


def strip_withdrawn(session: Session, *, before: datetime, limit: int) -> int:
    """Take name and story from up to ``limit`` signatures withdrawn before that moment; returns how many."""
    old = (
        select(Signature.id)
        .where(
            Signature.state == SignatureState.WITHDRAWN, Signature.withdrawn_at < before, Signature.name.is_not(None)
        )
        .limit(limit)
    )
    still = Signature.state == SignatureState.WITHDRAWN
    stripped = update(Signature).where(Signature.id.in_(old), still).values(name=None, story=None)
    return len(session.scalars(stripped.returning(Signature.id)).all())


def _letter(
    email: str, digest: bytes, language: str, call_id: int, due_at: datetime | None = None
) -> letters.NewLetter:
    return letters.NewLetter("confirm_signature", email, digest, language, call_id, due_at)
