"""Organisers' accounts: their passwords, where they are signed in, and the browsers they are known by."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, letters
from petition.errors import LastOwner
from petition.lib import clock, email_addresses, passwords, session_rows, tokens
from petition.lib.session_rows import SessionRow
from petition.models import AccountReset, KnownDevice, Membership, Organiser, OrganiserSession, Role, Team

DEVICE_LASTS = timedelta(days=terms.DEVICE_DAYS)

_DEMO, _DEMO_LASTS = "demo-sign-in", timedelta(days=30)


def find_session(session: Session, digest: bytes) -> SessionRow | None:
    """Return what is stored under the digest of a cookie's secret, or None."""
    row = session.scalar(select(OrganiserSession).where(OrganiserSession.digest == digest))
    if row is None:
        return None
    return SessionRow(
        row.digest, row.organiser_id, row.content, row.device, row.created_at, row.last_seen_at, row.fresh_at
    )


def add_session(session: Session, row: SessionRow) -> None:
    """Write a new session."""
    session.execute(
        insert(OrganiserSession).values(
            digest=row.digest,
            organiser_id=row.user_id,
            content=row.content,
            device=row.device,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            fresh_at=row.fresh_at,
        )
    )


def save_session(session: Session, row: SessionRow) -> None:
    """Change a session; one that was ended meanwhile does not come back."""
    session.execute(
        update(OrganiserSession)
        .where(OrganiserSession.digest == row.digest)
        .values(content=row.content, last_seen_at=row.last_seen_at, fresh_at=row.fresh_at)
    )


def delete_session(session: Session, digest: bytes) -> None:
    """End a session by the digest of its secret."""
    session.execute(delete(OrganiserSession).where(OrganiserSession.digest == digest))


def live_sessions(session: Session, organiser: Organiser) -> list[OrganiserSession]:
    """Return where somebody is signed in, the latest seen first."""
    now = clock.now()
    theirs = select(OrganiserSession).where(
        OrganiserSession.organiser_id == organiser.id,
        OrganiserSession.last_seen_at > now - session_rows.IDLE,
        OrganiserSession.created_at > now - session_rows.LIFETIME,
    )
    return list(session.scalars(theirs.order_by(OrganiserSession.last_seen_at.desc(), OrganiserSession.id)))


def end_session(session: Session, organiser: Organiser, session_id: int) -> None:
    """Sign somebody out of one browser; of another person's sessions none is ended."""
    session.execute(
        delete(OrganiserSession).where(OrganiserSession.id == session_id, OrganiserSession.organiser_id == organiser.id)
    )


def end_sessions(session: Session, organiser: Organiser, except_digest: bytes = b"") -> None:
    """Sign somebody out everywhere, at once in all processes, except where the cookie's secret has this digest."""
    session.execute(
        delete(OrganiserSession).where(
            OrganiserSession.organiser_id == organiser.id, OrganiserSession.digest != except_digest
        )
    )


def find_organiser(session: Session, organiser_id: int | None) -> Organiser | None:
    """Return the organiser with an id, or None when the account is gone."""
    return session.get(Organiser, organiser_id) if organiser_id else None


def find_by_email(session: Session, email: str) -> Organiser | None:
    """Return the organiser whose address this is, in whatever case it is written, or None."""
    return session.scalar(select(Organiser).where(Organiser.email_key == email_addresses.exact(email)))


def demo_token(organiser: Organiser) -> str:
    """Return the token of a link that signs somebody in; only the demo has the page that takes it."""
    return tokens.make(_DEMO, organiser.id)


def get_by_demo_token(session: Session, token: str) -> Organiser:
    """Return whom a link of the demo signs in; raises BrokenLink and LinkExpired."""
    organiser = session.get(Organiser, int(tokens.read(_DEMO, token, _DEMO_LASTS)))
    if organiser is None:
        raise tokens.BrokenLink
    return organiser


def is_right_password(organiser: Organiser | None, password: str) -> bool:
    """Whether this is the person's password; takes the same time for nobody. Raises PasswordsBusy."""
    stored = organiser.password_hash if organiser else None
    is_right = passwords.verify(stored, password)
    if is_right and organiser and stored and passwords.is_outdated(stored):
        organiser.password_hash = passwords.hash_password(password)
    return is_right


def change_password(session: Session, organiser: Organiser, password: str, *, except_digest: bytes = b"") -> None:
    """Give somebody a new password, sign them out everywhere else, and tell them by letter; raises PasswordsBusy."""
    organiser.password_hash = passwords.hash_password(password)
    end_sessions(session, organiser, except_digest)
    letters.enqueue(session, [letters.for_organiser("password_changed", organiser)])
    audit.record(session, organiser, "change_password", organiser)


def change_profile(session: Session, organiser: Organiser, *, name: str, language: str) -> None:
    """Change how somebody is called, and in which language they read."""
    old, organiser.language = organiser.language, language
    if name != organiser.name or old != language:
        organiser.name = name
        audit.record(session, organiser, "change_profile", organiser, old=old, new=language)


def is_known_device(session: Session, organiser: Organiser | None, secret: str) -> bool:
    """Whether somebody signed in before in the browser whose cookie this is; asks the same for nobody."""
    digest = _device_digest(organiser.id if organiser else 0, secret)
    seen_at = session.scalar(select(KnownDevice.last_seen_at).where(KnownDevice.digest == digest))
    return seen_at is not None and seen_at > clock.now() - DEVICE_LASTS


def note_sign_in(session: Session, organiser: Organiser, device: str, secret: str, *, is_first: bool = False) -> None:
    """Remember the browser in which somebody signed in, and tell them of a new one by letter.

    ``secret`` is in a cookie of its own. ``is_first`` says that the account was made right now: no letter then.
    """
    digest, now = _device_digest(organiser.id, secret), clock.now()
    known = session.scalar(select(KnownDevice).where(KnownDevice.digest == digest))
    if known:
        known.device, known.last_seen_at = device, now
    else:
        known = KnownDevice(organiser_id=organiser.id, digest=digest, device=device, last_seen_at=now)
        session.add(known)
        session.flush()
        if not is_first:
            letters.enqueue(session, [letters.for_organiser("new_device", organiser, str(known.id))])
    audit.record(session, organiser, "sign_in", organiser)


def ask_for_reset(session: Session, asked_by: Organiser | None, organiser: Organiser) -> AccountReset:
    """Open a way back into an account that lost every factor, after notice by letter in which its owner can object.

    ``asked_by`` is another owner of a team of theirs, or None for an operator. While one waits, it stays as it is.
    """
    now = clock.now()
    waiting = session.get(AccountReset, organiser.id)
    if waiting and waiting.expires_at > now:
        return waiting
    due_at = now + timedelta(hours=terms.RESET_NOTICE_HOURS)
    reset = session.merge(
        AccountReset(
            organiser_id=organiser.id,
            asked_by=asked_by.id if asked_by else None,
            nonce=tokens.nonce(),
            due_at=due_at,
            expires_at=due_at + timedelta(days=terms.RESET_DAYS),
        )
    )
    session.flush()
    notice = letters.for_organiser("account_reset_notice", organiser, reset.nonce)
    way_in = letters.for_organiser("account_reset", organiser, reset.nonce)
    letters.enqueue(session, [notice, way_in._replace(due_at=due_at)])
    audit.record(session, asked_by, "ask_for_reset", organiser)
    return reset


def delete_account(session: Session, organiser: Organiser) -> None:
    """Delete an account with all that belongs to it; entries of the audit log then name nobody. Raises LastOwner."""
    theirs = select(Membership.team_id).where(Membership.organiser_id == organiser.id, Membership.role == Role.OWNER)
    # As ``domain/teams.py`` does: the people of a team change one after the other, on SQLite too.
    session.execute(update(Team).where(Team.id.in_(theirs)).values(name=Team.name))
    owners = session.scalars(
        select(Membership)
        .where(Membership.team_id.in_(theirs), Membership.role == Role.OWNER)
        .order_by(Membership.team_id, Membership.organiser_id)
        .with_for_update()
    ).all()
    teams = {owner.team_id for owner in owners}
    if teams - {owner.team_id for owner in owners if owner.organiser_id != organiser.id}:
        raise LastOwner
    audit.record(session, organiser, "delete_account", organiser)
    session.execute(delete(Organiser).where(Organiser.id == organiser.id))


def _device_digest(organiser_id: int, secret: str) -> bytes:
    """One browser may be known to several people, so its digest is another for each."""
    return session_rows.digest(f"{organiser_id}.{secret}")
