"""What supporters do with the signature they gave: show it, correct it, withdraw it, take it with them, erase it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from petition.domain import letters, totals
from petition.errors import Conflict
from petition.lib import clock, email_addresses, erasure_log
from petition.models import CallText, Letter, LetterState, Signature, SignatureState

UNDO_LASTS = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class NotConfirmed(Conflict):
    """Raised when somebody changes a signature that does not count at the moment."""


def can_restore(signature: Signature) -> bool:
    """Whether withdrawing can still be undone: for a day, while the call takes confirmations."""
    return (
        signature.state == SignatureState.WITHDRAWN
        and signature.name is not None
        and signature.withdrawn_at is not None
        and clock.now() < signature.withdrawn_at + UNDO_LASTS
        and signature.call.takes_confirmations
    )


def correct(session: Session, signature: Signature, *, name: str, show_name: bool, wants_updates: bool) -> None:
    """Change the name, whether it is shown, and whether news is wanted; raises NotConfirmed.

    News can be left here but joined only where the address is still known: we forgot it otherwise.
    """
    changed = session.scalars(
        update(Signature)
        .where(Signature.id == signature.id, Signature.state == SignatureState.CONFIRMED)
        .values(
            name=name,
            show_name=show_name,
            wants_updates=wants_updates and signature.email is not None,
            email=signature.email if wants_updates else None,
        )
        .returning(Signature.id)
    ).all()
    if not changed:
        raise NotConfirmed


def withdraw(session: Session, signature: Signature) -> None:
    """Stop counting the signature and forget the address at once; a second time changes nothing."""
    _recount_as(session, signature, SignatureState.CONFIRMED, SignatureState.WITHDRAWN)


def restore(session: Session, signature: Signature) -> None:
    """Undo a withdrawal; raises NotConfirmed when it is too late for that."""
    if signature.is_confirmed:
        return
    if not can_restore(signature):
        raise NotConfirmed
    _recount_as(session, signature, SignatureState.WITHDRAWN, SignatureState.CONFIRMED)


def erase(session: Session, signature: Signature) -> None:
    """Delete the signature with all that we know of its person, and the letters on the way about it.

    It is noted outside the database for those who restore a backup.
    """
    erasure_log.record(signature.call_id, signature.email_digest)
    erased = session.execute(
        delete(Signature).where(Signature.id == signature.id).returning(*totals.COUNTED, Signature.state)
    ).one_or_none()
    if erased and erased.state == SignatureState.CONFIRMED:
        totals.add(session, [erased], -1)
    session.execute(
        delete(Letter).where(
            Letter.email_digest == signature.email_digest,
            Letter.call_id == signature.call_id,
            Letter.state == LetterState.WAITING,
        )
    )


def erase_again(session: Session, erased: Mapping[str, datetime]) -> int:
    """Erase what a restored backup brought back of the entries of an ``erasure_log``; returns how many signatures.

    Who signed again after the erasure stays.
    """
    found = session.execute(select(Signature.id, Signature.call_id, Signature.email_digest, Signature.requested_at))
    back = [
        signature_id
        for signature_id, call_id, digest, requested_at in found
        if requested_at <= erased.get(erasure_log.entry(call_id, digest), _NEVER)
    ]
    for signature_id in back:
        erase(session, session.get_one(Signature, signature_id))
    return len(back)


def ask_for_links(session: Session, email: str, language: str, due_at: datetime | None = None) -> None:
    """Write a letter with links to all signatures of an address, or one that says there are none."""
    digest = email_addresses.digest(email)
    letters.enqueue(session, [letters.NewLetter("my_signatures", email, digest, language, due_at=due_at)])


def export(session: Session, signature: Signature) -> dict[str, Any]:
    """Return all that we hold about one signature, as plain values for JSON."""
    call = signature.call
    text = session.get(CallText, (call.id, signature.language)) or session.get(CallText, (call.id, call.language))
    moments = {
        column: moment.isoformat() if (moment := getattr(signature, column)) else None
        for column in ("requested_at", "confirmed_at", "withdrawn_at")
    }
    return {
        "call": call.slug,
        "title": text.title if text else None,
        "state": signature.state.value,
        "name": signature.name,
        "email": signature.email,
        "email_digest": signature.email_digest.hex(),
        "country": signature.country,
        "story": signature.story,
        "show_name": signature.show_name,
        "updates": signature.wants_updates,
        "language": signature.language,
        "partner": signature.partner or None,
        "consent_version": signature.consent_version,
        **moments,
        "letters": [
            {"template": letter.template, "state": letter.state.value, "created_at": letter.created_at.isoformat()}
            for letter in session.scalars(
                select(Letter)
                .where(Letter.email_digest == signature.email_digest, Letter.call_id == call.id)
                .order_by(Letter.id)
            )
        ],
    }


def _recount_as(session: Session, signature: Signature, old: SignatureState, new: SignatureState) -> None:
    is_withdrawal = new == SignatureState.WITHDRAWN
    moved = session.execute(
        update(Signature)
        .where(Signature.id == signature.id, Signature.state == old)
        .values(
            state=new,
            withdrawn_at=clock.now() if is_withdrawal else None,
            **({"email": None, "wants_updates": False} if is_withdrawal else {}),
        )
        .returning(*totals.COUNTED)
    ).one_or_none()
    if moved:
        totals.add(session, [moved], -1 if is_withdrawal else +1)
