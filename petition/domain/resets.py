"""Ways back into an account: a new password by letter, and, after notice, around factors that were lost."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, letters, links
from petition.domain.letters import NewLetter
from petition.domain.links import StaleLink
from petition.errors import Conflict
from petition.lib import clock, email_addresses
from petition.models import AccountReset, Organiser, Passkey, RecoveryCode

PASSWORD_LINK_LASTS = timedelta(hours=terms.ACCOUNT_LINK_HOURS)
RESET_LINK_LASTS = timedelta(hours=terms.RESET_NOTICE_HOURS, days=terms.RESET_DAYS)


class NotDueYet(Conflict):
    """Raised when somebody uses a reset while its owner can still object."""


def ask_for_password(session: Session, email: str, language: str, due_at: datetime | None = None) -> None:
    """Write a letter with a link to a new password, or that there is no account; one statement either way."""
    digest = email_addresses.digest(email)
    letters.enqueue(session, [NewLetter("new_password", email, digest, language, due_at=due_at)])


def get_for_password(session: Session, token: str) -> Organiser:
    """Return whose password a mailed link may change; raises StaleLink."""
    organiser_id, nonce = links.read_nonce("new-password", token, PASSWORD_LINK_LASTS)
    organiser = session.get(Organiser, organiser_id, populate_existing=True, with_for_update=True)
    if organiser is None or organiser.password_link_id != f"{organiser_id}.{nonce}":
        raise StaleLink
    return organiser


def get_reset(session: Session, purpose: str, token: str) -> AccountReset:
    """Return the reset that a mailed link means, to use it or to object to it; raises StaleLink."""
    organiser_id, nonce = links.read_nonce(purpose, token, RESET_LINK_LASTS)
    reset = session.get(AccountReset, organiser_id)
    if reset is None or reset.nonce != nonce or reset.expires_at <= clock.now():
        raise StaleLink
    return reset


def is_due(reset: AccountReset) -> bool:
    """Whether the time in which its owner can object is over."""
    return clock.now() >= reset.due_at


def use(session: Session, reset: AccountReset) -> Organiser:
    """Take every factor from an account, once, and return it: its owner then chooses a new password.

    Raises NotDueYet, and StaleLink when it was used or stopped meanwhile.
    """
    if not is_due(reset):
        raise NotDueYet
    _take(session, reset)
    organiser = session.get_one(Organiser, reset.organiser_id)
    organiser.password_hash = organiser.totp_secret = organiser.totp_step = None
    for factor in (Passkey, RecoveryCode):
        session.execute(delete(factor).where(factor.organiser_id == organiser.id))
    audit.record(session, organiser, "use_reset", organiser)
    return organiser


def stop(session: Session, reset: AccountReset) -> None:
    """Object to a reset: it and its links are void at once; raises StaleLink when it was used or stopped meanwhile."""
    _take(session, reset)
    organiser = session.get_one(Organiser, reset.organiser_id)
    audit.record(session, organiser, "stop_reset", organiser)


def _take(session: Session, reset: AccountReset) -> None:
    is_it = AccountReset.organiser_id == reset.organiser_id, AccountReset.nonce == reset.nonce
    taken = delete(AccountReset).where(*is_it).returning(AccountReset.organiser_id)
    if session.scalar(taken.execution_options(synchronize_session=False)) is None:
        raise StaleLink
    session.expunge(reset)
