"""What supporters do with the signature they gave: show it, correct it, withdraw it, take it with them, erase it."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from petition import db, terms
from petition.domain import letters, publications, telling, totals
from petition.errors import Conflict, WordsChanged
from petition.lib import clock, email_addresses, erasure_log
from petition.models import (
    FORM_COLUMNS,
    IS_PENDING,
    BlockedAddress,
    CallText,
    Letter,
    LetterState,
    Signature,
    SignatureState,
    SilencedAddress,
    StoryWords,
    version_of,
)

UNDO_LASTS = timedelta(hours=terms.UNDO_HOURS)
_NEVER = datetime.min.replace(tzinfo=UTC)

# How long the link in a letter works that stops all letters.
SILENCE_WITHIN = timedelta(days=3650)


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


def correct(session: Session, signature: Signature, *, shown: str, **words: Any) -> None:
    """Change what a confirmed signature says: name, country, whether the name is shown, whether news is wanted.

    ``shown`` is the version of the words that were changed. News can be left here but joined only where the address is
    still known: we forgot it otherwise. Raises NotConfirmed, and WordsChanged when the words are others by now.
    """
    kept = {name: words.get(name, getattr(signature, name)) for name in FORM_COLUMNS}
    kept["wants_updates"] = kept["wants_updates"] and signature.email is not None
    if not kept["wants_updates"] and not (signature.told and signature.told.wants_letter):
        kept["email"] = None
    before = session.execute(
        select(*totals.COUNTED).where(Signature.id == signature.id).with_for_update()
    ).one_or_none()
    after = _change(session, signature, shown, signature.told, kept)
    if before and before.country != after.country:
        totals.add(session, [before], -1)
        totals.add(session, [after], +1)
        publications.move_to(session, signature, after.country)


def tell(session: Session, signature: Signature, *, shown: str, words: StoryWords | None, stays: bool = True) -> None:
    """Change the story of a confirmed signature, or let it go; a moderator reads the new words before they are shown.

    What is published stays until then, unless ``stays`` is false. ``shown`` is the version of the words that were
    changed. A letter about the decision can be asked for only where the address is still known. Raises NotConfirmed,
    and WordsChanged when the words are others by now.
    """
    if words and words.wants_letter and signature.email is None:
        words = replace(words, wants_letter=False)
    kept = {name: getattr(signature, name) for name in FORM_COLUMNS}
    if not signature.wants_updates and not (words and words.wants_letter):
        kept["email"] = None
    _change(session, signature, shown, words, kept)
    telling.replace(session, signature, words, stays=stays)


def _change(
    session: Session, signature: Signature, shown: str, story: StoryWords | None, kept: dict[str, Any]
) -> Row[*tuple[Any, ...]]:
    """Write what a confirmed signature says under a new version, where it still says what was shown."""
    changed = session.execute(
        update(Signature)
        .where(Signature.id == signature.id, Signature.state == SignatureState.CONFIRMED, Signature.version == shown)
        .values(version=version_of(story=story, **{name: kept[name] for name in FORM_COLUMNS}), **kept)
        .returning(*totals.COUNTED)
    ).one_or_none()
    if changed is None:
        state = session.scalar(select(Signature.state).where(Signature.id == signature.id))
        raise WordsChanged if state == SignatureState.CONFIRMED else NotConfirmed
    return changed


def withdraw(session: Session, signature: Signature) -> None:
    """Stop counting the signature and forget the address at once, with what waits to tell; twice changes nothing."""
    _recount_as(session, signature, SignatureState.CONFIRMED, SignatureState.WITHDRAWN)
    telling.drop_letters(session, signature)


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
    publications.retract_of(session, [signature.id])
    telling.drop_letters(session, signature)
    telling.forget(session, [signature.id])
    erased = session.execute(
        delete(Signature).where(Signature.id == signature.id).returning(*totals.COUNTED, Signature.state)
    ).one_or_none()
    if erased and erased.state == SignatureState.CONFIRMED:
        totals.add(session, [erased], -1)
    if erased and erased.state == SignatureState.REMOVED:
        # What the organisers removed does not come back under the same address.
        session.execute(
            db.insert(db.is_sqlite(session), BlockedAddress)
            .values(call_id=signature.call_id, email_digest=signature.email_digest, blocked_at=clock.now())
            .on_conflict_do_nothing()
        )
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


def silence(session: Session, email_digest: bytes) -> None:
    """Write to a mailbox never again, and drop what waits for it; a second time changes nothing."""
    session.execute(
        db.insert(db.is_sqlite(session), SilencedAddress)
        .values(email_digest=email_digest, silenced_at=clock.now())
        .on_conflict_do_nothing()
    )
    session.execute(
        delete(Letter)
        .where(Letter.email_digest == email_digest, Letter.state == LetterState.WAITING)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Signature)
        .where(Signature.email_digest == email_digest, IS_PENDING)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Signature)
        .where(Signature.email_digest == email_digest)
        .values(wants_updates=False, email=None)
        .execution_options(synchronize_session=False)
    )


def is_silenced(session: Session, email_digest: bytes) -> bool:
    """Whether a mailbox wants no letter."""
    return session.get(SilencedAddress, email_digest) is not None


def unsilence(session: Session, email_digest: bytes) -> None:
    """Let letters to a mailbox be written again."""
    session.execute(delete(SilencedAddress).where(SilencedAddress.email_digest == email_digest))


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
        "address_digest": signature.address_digest.hex() if signature.address_digest else None,
        "country": signature.country,
        "story": _told(signature),
        "show_name": signature.show_name,
        "updates": signature.wants_updates,
        "language": signature.language,
        "partner": signature.partner or None,
        "via": signature.via or None,
        "consent_version": signature.consent_version,
        "version": signature.version,
        "call_version": signature.call_version,
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


def _told(signature: Signature) -> dict[str, Any] | None:
    if signature.told is None:
        return None
    story = signature.story
    return asdict(signature.told) | {
        "consent_version": story and story.consent_version,
        "state": story and story.state,
        "revision": story and story.revision,
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
        change_stories = publications.retract_of if is_withdrawal else telling.submit
        change_stories(session, [signature.id])
