"""What mailed links mean: one row, and never another that may have been given its id."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from petition.domain import letters
from petition.errors import NotFound
from petition.lib import tokens
from petition.models import Signature, link_id


class StaleLink(NotFound):
    """Raised for an organiser's link that is damaged or too old, or that was used or replaced by a newer one."""


class Link(NamedTuple):
    """The id of a signature, and the beginning of its mailbox's digest; links from before 0004 have the id alone."""

    signature_id: int
    mailbox: str

    @property
    def payload(self) -> str:
        """What a link of another purpose to the same signature carries."""
        return f"{self.signature_id}.{self.mailbox}" if self.mailbox else str(self.signature_id)

    def means(self, email_digest: bytes) -> bool:
        """Whether the row with this id is still that of the person to whom the link was sent."""
        return not self.mailbox or link_id(self.signature_id, email_digest) == f"{self.signature_id}.{self.mailbox}"


def read(purpose: str, token: str) -> Link:
    """Return what a mailed link means.

    Raises BrokenLink for one that is not ours or is damaged, LinkExpired for one that is too old.
    """
    return _link(tokens.read(purpose, token, letters.LINK_LIFETIMES[purpose]))


def read_nonce(purpose: str, token: str, max_age: timedelta, *, even_late: bool = False) -> tuple[int, str]:
    """Return the id and the nonce in a link to a row of an organiser: it is good for as long as the row has the nonce.

    Raises StaleLink for a link that is damaged, or older than ``max_age`` unless ``even_late``: then the row says it.
    """
    try:
        payload = tokens.read(purpose, token, max_age)
    except tokens.LinkExpired as expired:
        payload = expired.payload if even_late else ""
    except tokens.BrokenLink:
        payload = ""
    row_id, _, nonce = payload.partition(".")
    if not (row_id.isascii() and row_id.isdecimal() and nonce):
        raise StaleLink
    return int(row_id), nonce


def find_signature(session: Session, purpose: str, token: str) -> Signature | None:
    """Return the signature that a mailed link means, or None when it is gone; raises as ``read``."""
    return _find(session, read(purpose, token))


def get_signature(session: Session, purpose: str, token: str) -> Signature:
    """Return the signature that a mailed link means; raises as ``read``, and BrokenLink when it is gone."""
    signature = find_signature(session, purpose, token)
    if signature is None:
        raise tokens.BrokenLink
    return signature


def find_expired(session: Session, purpose: str, token: str) -> Signature | None:
    """Return the signature of a link however old, or None when it is gone; raises BrokenLink for a damaged one."""
    try:
        return find_signature(session, purpose, token)
    except tokens.LinkExpired as expired:
        return _find(session, _link(expired.payload))


def get_expired(session: Session, purpose: str, token: str) -> Signature:
    """Return the signature of a link however old; raises BrokenLink, also when it is gone."""
    signature = find_expired(session, purpose, token)
    if signature is None:
        raise tokens.BrokenLink
    return signature


def _link(payload: str) -> Link:
    signature_id, _, mailbox = payload.partition(".")
    if not (signature_id.isascii() and signature_id.isdecimal()):
        raise tokens.BrokenLink
    return Link(int(signature_id), mailbox)


def _find(session: Session, link: Link) -> Signature | None:
    signature = session.get(Signature, link.signature_id)
    return signature if signature and link.means(signature.email_digest) else None
