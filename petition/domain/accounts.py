"""Organisers' accounts, and the sessions in which they are signed in."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from petition import db
from petition.domain import audit
from petition.lib import email_addresses
from petition.lib.session_rows import SessionRow
from petition.models import Organiser, OrganiserSession


def find_session(session: Session, digest: bytes) -> SessionRow | None:
    """Return what is stored under the digest of a cookie's secret, or None."""
    row = session.scalar(select(OrganiserSession).where(OrganiserSession.digest == digest))
    if row is None:
        return None
    return SessionRow(
        row.digest, row.organiser_id, row.content, row.device, row.created_at, row.last_seen_at, row.fresh_at
    )


def save_session(session: Session, row: SessionRow) -> None:
    """Write a session, new or known; one that was ended meanwhile does not come back for its person."""
    values = {
        "organiser_id": row.user_id,
        "content": row.content,
        "device": row.device,
        "last_seen_at": row.last_seen_at,
        "fresh_at": row.fresh_at,
    }
    insert = db.insert(db.is_sqlite(session), OrganiserSession).values(
        digest=row.digest, created_at=row.created_at, **values
    )
    session.execute(insert.on_conflict_do_update(index_elements=[OrganiserSession.digest], set_=values))


def delete_session(session: Session, digest: bytes) -> None:
    """End a session."""
    session.execute(delete(OrganiserSession).where(OrganiserSession.digest == digest))


def find_organiser(session: Session, organiser_id: int | None) -> Organiser | None:
    """Return the organiser with an id, or None when the account is gone."""
    return session.get(Organiser, organiser_id) if organiser_id else None


def find_by_email(session: Session, email: str) -> Organiser | None:
    """Return the organiser whose address this is, in whatever case it is written, or None."""
    return session.scalar(select(Organiser).where(Organiser.email_key == email_addresses.exact(email)))


def change_language(session: Session, organiser: Organiser, language: str) -> None:
    """Change the language in which somebody reads our pages and letters."""
    audit.record(session, organiser, "change_language", organiser, old=organiser.language, new=language)
    organiser.language = language
