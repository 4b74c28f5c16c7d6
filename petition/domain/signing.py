"""Signing a call and confirming it by mail: from the form to the total."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, case, delete, exists, literal, null, select, update
from sqlalchemy.orm import Session

from petition import db
from petition.domain import letters, totals
from petition.errors import Conflict, NotFound
from petition.lib import addresses, clock, names, tokens
from petition.models import BlockedAddress, Call, Signature, SignatureState

# How long the links of each purpose live.
LINKS_LIVE = {"confirm": letters.CONFIRM_WITHIN, "not-me": letters.CONFIRM_WITHIN, "me": timedelta(days=30)}

# The version of the three sentences beside the boxes (forms/signing.py); it is stored with each signature.
CONSENT_VERSION = "2026-11"


# Who signs again, or never signed, may change a signature in these states; the others stand.
_UNCOUNTED = (SignatureState.PENDING, SignatureState.WITHDRAWN)


class CallNotOpen(Conflict):
    """Raised when somebody signs or confirms before the opening or after the closing moment."""


class NotPending(Conflict):
    """Raised when a signature cannot be confirmed or disowned any more."""


@dataclass(frozen=True)
class Wish:
    """What somebody typed into the form."""

    name: str
    email: str
    country: str | None
    story: str | None
    show_name: bool
    wants_updates: bool
    language: str


class Supporter(NamedTuple):
    """What the public sees of one person who agreed to be shown."""

    name: str
    country: str | None
    confirmed_at: datetime


def sign(session: Session, call: Call, wish: Wish) -> None:
    """Record the wish to sign and write the letter that asks to confirm it; raises CallNotOpen.

    It does the same, in the same time, for an address that is new, waiting or already confirmed: the letter's text is
    chosen when it is sent. What is confirmed is never changed from here.
    """
    now = clock.now()
    if not call.is_open_at(now):
        raise CallNotOpen
    digest = addresses.digest(wish.email)
    session.connection().execute(
        _wish(db.is_sqlite(session)),
        {
            "call_id": call.id,
            "email_digest": digest,
            "requested_at": now,
            "state": SignatureState.PENDING,
            "consent_version": CONSENT_VERSION,
            **vars(wish),
        },
    )
    _ask_to_confirm(session, call.id, wish.email, digest, wish.language)


@cache
def _wish(is_sqlite: bool) -> Insert:
    """Return the statement that writes a wish: new, or over one that does not count, but not for a blocked address."""
    row = Signature.__table__.c
    typed = ("email", "state", *(field.name for field in fields(Wish)), "consent_version", "requested_at")
    told = {name: bindparam(name, type_=row[name].type) for name in dict.fromkeys(("call_id", "email_digest", *typed))}
    is_blocked = exists().where(
        BlockedAddress.call_id == told["call_id"], BlockedAddress.email_digest == told["email_digest"]
    )
    statement = db.insert(is_sqlite, Signature).from_select(
        [*told, "partner"], select(*told.values(), literal("", row["partner"].type)).where(~is_blocked)
    )
    fresh: dict[str, Any] = {name: statement.excluded[name] for name in typed}
    return statement.on_conflict_do_update(
        index_elements=[Signature.call_id, Signature.email_digest],
        set_=fresh | {"confirmed_at": None, "withdrawn_at": None},
        where=Signature.state.in_(_UNCOUNTED),
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
    return session.get(Signature, tokens.read(purpose, token, LINKS_LIVE[purpose]))


def find_expired(session: Session, token: str) -> Signature | None:
    """Return the signature of a confirmation link however old, or None when it is gone; raises NotFound."""
    try:
        return find_by_link(session, "confirm", token)
    except tokens.LinkExpired as expired:
        return session.get(Signature, expired.number)


def confirm(session: Session, signature: Signature) -> None:
    """Count the signature and forget its address, unless news is wanted; a second time changes nothing.

    Raises CallNotOpen later than 24 hours after closing, NotPending when it was withdrawn or removed.
    """
    if signature.is_confirmed:
        return
    if not signature.call.takes_confirmations:
        raise CallNotOpen
    changes = {"number": signature.id, "now": clock.now()}
    confirmed = session.connection().execute(_CONFIRMATION, changes).one_or_none()
    # Read again when somebody asks.
    session.expire(signature)
    if confirmed:
        totals.add(session, confirmed, +1)
    elif not signature.is_confirmed:
        raise NotPending


_CONFIRMATION = (
    update(Signature)
    .where(Signature.id == bindparam("number"), Signature.state == SignatureState.PENDING)
    .values(
        state=SignatureState.CONFIRMED,
        confirmed_at=bindparam("now"),
        email=case((Signature.wants_updates, Signature.email), else_=null()),
    )
    .returning(*totals.COUNTED)
)


def send_again(session: Session, token: str) -> Signature:
    """Write another letter to the address of a confirmation link however old; raises NotFound when it is gone."""
    signature = find_expired(session, token)
    if signature is None:
        raise NotFound
    if signature.state == SignatureState.PENDING and signature.email:
        signature.requested_at = clock.now()
        _ask_to_confirm(session, signature.call_id, signature.email, signature.email_digest, signature.language)
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


def _ask_to_confirm(session: Session, call_id: int, email: str, digest: bytes, language: str) -> None:
    letters.post(session, "confirm_signature", recipient=email, digest=digest, language=language, call_id=call_id)
