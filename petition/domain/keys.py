"""The key of the digests: which one this database was filled with, and when it may be another."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from petition import db
from petition.errors import Conflict
from petition.lib import email_addresses
from petition.models import BlockedAddress, DigestKey, Letter, Signature, SilencedAddress


class AddressesForgotten(Conflict):
    """Raised when digests cannot be made anew, because ``rows`` of them belong to addresses that we forgot."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows


def is_right(session: Session) -> bool:
    """Whether the digests in the database were made with the key at hand, as far as anybody noted."""
    stored = session.scalar(select(DigestKey.fingerprint))
    return stored is None or stored == email_addresses.fingerprint()


def claim(session: Session) -> bool:
    """Note the key at hand as that of the database, unless one is noted; returns whether it is the same."""
    row = {"id": 1, "fingerprint": email_addresses.fingerprint()}
    session.execute(db.insert(db.is_sqlite(session), DigestKey).values(row).on_conflict_do_nothing())
    return is_right(session)


def rotate(session: Session) -> int:
    """Make all digests anew with the key at hand; returns of how many signatures.

    Raises AddressesForgotten when the address of one is not known any more.
    """
    forgotten = (
        session.scalar(select(func.count()).select_from(Signature).where(Signature.email.is_(None))),
        session.scalar(select(func.count()).select_from(BlockedAddress)),
        session.scalar(select(func.count()).select_from(SilencedAddress)),
    )
    if rows := sum(number or 0 for number in forgotten):
        raise AddressesForgotten(rows)
    signatures = session.scalars(select(Signature)).all()
    for signature in signatures:
        signature.email_digest = email_addresses.digest(signature.email or "")
        signature.address_digest = email_addresses.exact_digest(signature.email or "")
    # Those that were sent are kept for 30 days to count them only.
    for letter in session.scalars(select(Letter).where(Letter.recipient.is_not(None))):
        letter.email_digest = email_addresses.digest(letter.recipient or "")
    claim(session)
    session.execute(update(DigestKey).values(fingerprint=email_addresses.fingerprint()))
    return len(signatures)
