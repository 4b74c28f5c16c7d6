"""A new address for an account, once both mailboxes agree."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, letters, links
from petition.errors import Conflict
from petition.lib import clock, email_addresses, tokens
from petition.models import EmailChange, Organiser

LINK_LASTS = timedelta(hours=terms.ACCOUNT_LINK_HOURS)

# The purposes of the two links, and what each notes.
_AGREED = {"old-address": "old_agreed_at", "new-address": "new_agreed_at"}


class AddressTaken(Conflict):
    """Raised when an account has the new address by the time that both mailboxes agreed."""


def ask(session: Session, organiser: Organiser, email: str) -> None:
    """Write to both addresses for their consent; an earlier wish and its links are void."""
    change = session.merge(
        EmailChange(
            organiser_id=organiser.id,
            email=email,
            nonce=tokens.nonce(),
            old_agreed_at=None,
            new_agreed_at=None,
            expires_at=clock.now() + LINK_LASTS,
        )
    )
    session.flush()
    to_old = letters.for_organiser("confirm_old_address", organiser, change.nonce)
    to_new = to_old._replace(template="confirm_new_address", recipient=email, digest=email_addresses.digest(email))
    letters.enqueue(session, [to_old, to_new])
    audit.record(session, organiser, "ask_for_address", organiser)


def find(session: Session, organiser: Organiser) -> EmailChange | None:
    """Return the new address that waits for consent, or None."""
    change = session.get(EmailChange, organiser.id)
    return change if change and change.expires_at > clock.now() else None


def cancel(session: Session, organiser: Organiser) -> None:
    """Keep the address; a second time changes nothing."""
    session.execute(delete(EmailChange).where(EmailChange.organiser_id == organiser.id))


def get(session: Session, purpose: str, token: str) -> EmailChange:
    """Return the wish that a link in one of the two letters means; raises StaleLink."""
    organiser_id, nonce = links.read_nonce(purpose, token, LINK_LASTS)
    change = session.get(EmailChange, organiser_id, populate_existing=True)
    if change is None or change.nonce != nonce or change.expires_at <= clock.now():
        raise links.StaleLink
    return change


def agree(session: Session, change: EmailChange, purpose: str) -> bool:
    """Note that one mailbox agrees; returns whether both have, and the address is changed now.

    Raises AddressTaken, and StaleLink when the wish was replaced meanwhile.
    """
    is_it = EmailChange.organiser_id == change.organiser_id, EmailChange.nonce == change.nonce
    agreed = update(EmailChange).where(*is_it).values({_AGREED[purpose]: clock.now()})
    row = session.execute(
        agreed.returning(EmailChange.old_agreed_at, EmailChange.new_agreed_at).execution_options(
            synchronize_session=False
        )
    ).one_or_none()
    if row is None:
        raise links.StaleLink
    if None in row:
        return False
    organiser = session.get_one(Organiser, change.organiser_id)
    told = [letters.for_organiser("address_changed", organiser)]
    organiser.email, organiser.email_key = change.email, email_addresses.exact(change.email)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise AddressTaken from None
    session.execute(delete(EmailChange).where(*is_it).execution_options(synchronize_session=False))
    letters.enqueue(session, [*told, letters.for_organiser("address_changed", organiser)])
    audit.record(session, organiser, "change_address", organiser)
    return True
