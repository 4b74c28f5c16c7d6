"""What an organiser proves themselves with beside a password: passkeys, the codes of an app, and recovery codes.

Every change is in the audit log, and in a letter to its owner: ``factor_letters.py`` says what is in it.
"""

import secrets
from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from petition import db, terms
from petition.domain import audit, letters
from petition.errors import Conflict, NotFound, PetitionError
from petition.lib import clock, encryption, passkeys, recovery_codes, totp
from petition.lib.passkeys import RelyingParty
from petition.models import Challenge, Organiser, Passkey, RecoveryCode

_ADDING, _SIGNING_IN = "add", "sign_in"

log = structlog.get_logger()


class ChallengeGone(PetitionError):
    """Raised for an answer to a challenge that is too old, was answered before, or was put to somebody else."""


class UnknownPasskey(PetitionError):
    """Raised for a passkey that no account has, or not any more."""


class PasskeyCopied(PetitionError):
    """Raised when the counter of a passkey went back, as that of a copy does; its owner is told."""


class KnownPasskey(Conflict):
    """Raised when a passkey is added that some account has."""


class TooManyPasskeys(Conflict):
    """Raised when somebody adds one more than PASSKEYS."""


class LastFactor(Conflict):
    """Raised when somebody without a password removes the only passkey."""


class WrongCode(PetitionError):
    """Raised for a code that is wrong, too old, or was used before."""


def passkeys_of(session: Session, person: Organiser) -> Sequence[Passkey]:
    """Return somebody's passkeys, oldest first."""
    return session.scalars(select(Passkey).where(Passkey.organiser_id == person.id).order_by(Passkey.id)).all()


def get_passkey(session: Session, person: Organiser, passkey_id: int) -> Passkey:
    """Return one passkey of somebody's; raises NotFound, also for another's."""
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.organiser_id != person.id:
        raise NotFound
    return passkey


def ask_new_passkey(session: Session, person: Organiser, party: RelyingParty) -> dict[str, Any]:
    """Return what a browser is asked to make a passkey; the answer has five minutes. Raises TooManyPasskeys."""
    known = passkeys_of(session, person)
    if len(known) >= terms.PASSKEYS:
        raise TooManyPasskeys
    return passkeys.creation_options(
        party,
        _challenge(session, _ADDING, person),
        handle=_handle(person.id),
        account=person.email,
        name=person.name,
        known=[(passkey.credential_id, passkey.transports) for passkey in known],
    )


def add_passkey(session: Session, person: Organiser, party: RelyingParty, *, name: str, answer: Any) -> Passkey:
    """Add the passkey that a browser has made.

    Raises ChallengeGone, Untrue, KnownPasskey or TooManyPasskeys. The challenge is used up all the same: commit.
    """
    _lock(session, person)
    if len(passkeys_of(session, person)) >= terms.PASSKEYS:
        raise TooManyPasskeys
    challenge = passkeys.registered_challenge(answer)
    _use(session, challenge, _ADDING, person)
    new = passkeys.verify_new(answer, party, challenge)
    insert = db.insert(db.is_sqlite(session), Passkey).values(
        organiser_id=person.id, name=name, created_at=clock.now(), **new._asdict()
    )
    added = session.scalar(insert.on_conflict_do_nothing(index_elements=[Passkey.credential_id]).returning(Passkey.id))
    if added is None:
        raise KnownPasskey
    passkey = session.get_one(Passkey, added)
    audit.record(session, person, "add_passkey", passkey)
    _write(session, person, "passkey_added", about=passkey.id)
    return passkey


def rename_passkey(session: Session, person: Organiser, passkey: Passkey, name: str) -> None:
    """Give a passkey the name by which its owner knows it."""
    if name != passkey.name:
        passkey.name = name
        audit.record(session, person, "rename_passkey", passkey)


def remove_passkey(session: Session, person: Organiser, passkey: Passkey) -> None:
    """Remove a passkey; raises LastFactor where nothing else is left to sign in with."""
    _lock(session, person)
    if person.password_hash is None and len(passkeys_of(session, person)) == 1:
        raise LastFactor
    audit.record(session, person, "remove_passkey", passkey)
    _write(session, person, "passkey_removed", about=passkey.id)
    session.delete(passkey)
    session.flush()


def ask_passkey(session: Session, party: RelyingParty) -> dict[str, Any]:
    """Return what a browser is asked for somebody who signs in; the answer has five minutes."""
    return passkeys.request_options(party, _challenge(session, _SIGNING_IN))


def prove_by_passkey(session: Session, party: RelyingParty, answer: Any) -> Organiser:
    """Return whose passkey gave the answer.

    Raises ChallengeGone, UnknownPasskey, Untrue, or PasskeyCopied when its counter went back. In any case commit: the
    challenge is used up, and what was noted stays.
    """
    said = passkeys.read_assertion(answer)
    _use(session, said.challenge, _SIGNING_IN)
    passkey = session.scalar(select(Passkey).where(Passkey.credential_id == said.credential_id))
    if passkey is None:
        raise UnknownPasskey
    if said.user_handle != _handle(passkey.organiser_id):
        raise passkeys.Untrue
    count = passkeys.verify_assertion(answer, party, said.challenge, passkey.public_key)
    person = session.get_one(Organiser, passkey.organiser_id)
    _count(session, person, passkey, count)
    return person


def _count(session: Session, person: Organiser, passkey: Passkey, count: int) -> None:
    """Note a use; raises PasskeyCopied when the counter went back to what is not zero.

    Passkeys that a provider syncs between devices do not count: theirs is zero.
    """
    is_ahead = Passkey.sign_count < count if count else Passkey.sign_count == 0
    used = {"sign_count": count, "last_used_at": clock.now()}
    mine = update(Passkey).where(Passkey.id == passkey.id)
    if session.scalar(mine.where(is_ahead).values(used).returning(Passkey.id)) is None:
        audit.record(session, person, "note_passkey_copy", passkey, old=passkey.sign_count, new=count)
        _write(session, person, "passkey_went_back", about=passkey.id)
        if count:
            raise PasskeyCopied
        session.execute(mine.values(used))


def turn_totp_on(session: Session, person: Organiser, *, secret: str, code: str) -> list[str]:
    """Ask for the codes of an app from now on, and return ten recovery codes, which nobody can see again.

    ``code`` shows that the app has the secret; it is used up. Raises WrongCode.
    """
    step = totp.step(secret, code, clock.now())
    if step is None:
        raise WrongCode
    person.totp_secret, person.totp_step = encryption.encrypt(secret), step
    audit.record(session, person, "turn_totp_on", person)
    _write(session, person, "totp_turned_on")
    return _make_codes(session, person)


def turn_totp_off(session: Session, person: Organiser) -> None:
    """Ask for no codes any more; the recovery codes are of no use then, and deleted."""
    if person.totp_secret is None:
        return
    person.totp_secret = person.totp_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.organiser_id == person.id))
    audit.record(session, person, "turn_totp_off", person)
    _write(session, person, "totp_turned_off")


def renew_recovery_codes(session: Session, person: Organiser) -> list[str]:
    """Return ten new codes, which nobody can see again; the old ones work no more. Raises NotFound without an app."""
    if person.totp_secret is None:
        raise NotFound
    audit.record(session, person, "renew_recovery_codes", person)
    _write(session, person, "recovery_codes_renewed", about=int(clock.now().timestamp()))
    return _make_codes(session, person)


def count_recovery_codes(session: Session, person: Organiser) -> int:
    """Return how many codes somebody has left."""
    mine = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.organiser_id == person.id)
    return session.scalar(mine) or 0


def use_code(session: Session, person: Organiser, code: str) -> None:
    """Take a code of the app or a recovery code, each once; raises WrongCode."""
    mine = RecoveryCode.organiser_id == person.id, RecoveryCode.digest == recovery_codes.digest(person.id, code)
    used = session.scalar(delete(RecoveryCode).where(*mine).returning(RecoveryCode.id))
    if used is None:
        _use_totp(session, person, code)
        return
    left = count_recovery_codes(session, person)
    audit.record(session, person, "use_recovery_code", person, old=left + 1, new=left)
    _write(session, person, "recovery_code_used", about=used)


def _use_totp(session: Session, person: Organiser, code: str) -> None:
    try:
        secret = encryption.decrypt(person.totp_secret or b"")
    except encryption.Unreadable:
        # The key was taken out of the settings; recovery codes still work.
        log.error("totp_secret_unreadable", organiser=person.id)
        raise WrongCode from None
    step = totp.step(secret, code, clock.now())
    if step is None:
        raise WrongCode
    is_new = or_(Organiser.totp_step.is_(None), Organiser.totp_step < step)
    used = update(Organiser).where(Organiser.id == person.id, is_new).values(totp_step=step).returning(Organiser.id)
    if session.scalar(used) is None:
        raise WrongCode
    # So a key that is in use no more can leave the settings some day.
    person.totp_secret = encryption.encrypt(secret)


def delete_expired_challenges(session: Session, *, limit: int) -> int:
    """Delete up to ``limit`` challenges that nobody answered in time; returns how many."""
    old = select(Challenge.id).where(Challenge.expires_at <= clock.now()).limit(limit)
    return len(session.scalars(delete(Challenge).where(Challenge.id.in_(old)).returning(Challenge.id)).all())


def _make_codes(session: Session, person: Organiser) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.organiser_id == person.id))
    codes = recovery_codes.make(terms.RECOVERY_CODES)
    session.add_all(
        RecoveryCode(organiser_id=person.id, digest=recovery_codes.digest(person.id, code)) for code in codes
    )
    return codes


def _challenge(session: Session, purpose: str, person: Organiser | None = None) -> bytes:
    value = secrets.token_bytes(32)
    expires_at = clock.now() + passkeys.LIFETIME
    session.add(
        Challenge(value=value, purpose=purpose, organiser_id=person.id if person else None, expires_at=expires_at)
    )
    session.flush()
    return value


def _use(session: Session, value: bytes, purpose: str, person: Organiser | None = None) -> None:
    """Delete a challenge that was put for this purpose to this person; raises ChallengeGone."""
    asked = Challenge.value == value, Challenge.purpose == purpose
    whose = Challenge.organiser_id.is_not_distinct_from(person.id if person else None)
    expires_at = session.scalar(delete(Challenge).where(*asked, whose).returning(Challenge.expires_at))
    if expires_at is None or expires_at <= clock.now():
        raise ChallengeGone


def _lock(session: Session, person: Organiser) -> None:
    """Let what somebody has not be changed from elsewhere until this transaction ends; SQLite has one writer anyway."""
    session.execute(select(Organiser.id).where(Organiser.id == person.id).with_for_update())


def _handle(organiser_id: int) -> bytes:
    """Return how authenticators know an account; an id is never given twice."""
    return str(organiser_id).encode()


def _write(session: Session, person: Organiser, event: str, about: int | None = None) -> None:
    """Write the letter of an event; ``about`` is what tells it from others of its kind that still wait."""
    letters.enqueue(session, [letters.for_organiser(event, person, str(about or ""))])
