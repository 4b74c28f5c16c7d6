"""The letters about accounts: their kinds, and what they say, decided when they are sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.lib import clock, email_addresses
from petition.models import AccountReset, EmailChange, KnownDevice, Letter, Organiser, SilencedAddress


class AccountContext(NamedTuple):
    """What a letter says about an account; ``moment`` is that of the act, or until or from when a link works."""

    name: str
    moment: datetime
    device: str = ""
    new_address: str = ""


def _notices(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Letters whose ``version`` is the id of the organiser."""
    ids = [int(letter.version) for letter in batch]
    found = {str(one.id): one for one in session.scalars(select(Organiser).where(Organiser.id.in_(ids)))}
    return {
        letter.id: _content(letter, AccountContext(found[letter.version].name, _minute(letter.created_at)))
        for letter in batch
        if letter.version in found
    }


def _new_devices(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Letters whose ``version`` is the id of the browser."""
    ids = [int(letter.version) for letter in batch]
    rows = session.execute(
        select(KnownDevice, Organiser.name)
        .join(Organiser, Organiser.id == KnownDevice.organiser_id)
        .where(KnownDevice.id.in_(ids))
    )
    found = {str(device.id): (device, name) for device, name in rows}
    return {
        letter.id: _content(letter, AccountContext(name, _minute(letter.created_at), device.device))
        for letter in batch
        for device, name in [found.get(letter.version, (None, ""))]
        if device
    }


def _email_changes(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Letters whose ``version`` is the nonce of the wish; none goes to an address that another account has."""
    rows = session.execute(
        select(EmailChange, Organiser)
        .join(Organiser, Organiser.id == EmailChange.organiser_id)
        .where(EmailChange.nonce.in_([letter.version for letter in batch]), EmailChange.expires_at > clock.now())
    )
    found = {change.nonce: (change, organiser) for change, organiser in rows}
    taken = set(
        session.scalars(
            select(Organiser.email_key).where(
                Organiser.email_key.in_([email_addresses.exact(change.email) for change, _ in found.values()])
            )
        )
    )
    contents = {}
    for letter in batch:
        change, organiser = found.get(letter.version, (None, None))
        is_taken = letter.template == "confirm_new_address" and email_addresses.exact(letter.recipient or "@") in taken
        if change and organiser and not is_taken:
            context = AccountContext(organiser.name, _minute(change.expires_at), new_address=change.email)
            contents[letter.id] = _content(letter, context, f"{organiser.id}.{change.nonce}")
    return contents


def _resets(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Letters whose ``version`` is the nonce of the reset; one that was stopped has nothing to say."""
    rows = session.execute(
        select(AccountReset, Organiser.name)
        .join(Organiser, Organiser.id == AccountReset.organiser_id)
        .where(AccountReset.nonce.in_([letter.version for letter in batch]))
    )
    found = {reset.nonce: (reset, name) for reset, name in rows}
    contents = {}
    for letter in batch:
        reset, name = found.get(letter.version, (None, ""))
        if reset and reset.expires_at > clock.now():
            moment = reset.due_at if letter.template == "account_reset_notice" else reset.expires_at
            contents[letter.id] = _content(
                letter, AccountContext(name, _minute(moment)), f"{reset.organiser_id}.{reset.nonce}"
            )
    return contents


def _new_passwords(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Letters to whoever asked: a link to a new password, or that there is no account, unless no letter is wanted."""
    keys = {letter.id: email_addresses.exact(letter.recipient or "@") for letter in batch}
    digests = [letter.email_digest for letter in batch]
    theirs = select(Organiser).where(Organiser.email_key.in_(keys.values()))
    found = {one.email_key: one for one in session.scalars(theirs)}
    silenced = set(
        session.scalars(select(SilencedAddress.email_digest).where(SilencedAddress.email_digest.in_(digests)))
    )
    contents = {}
    for letter in batch:
        if organiser := found.get(keys[letter.id]):
            context = AccountContext(organiser.name, _minute(letter.created_at))
            contents[letter.id] = _content(letter, context, organiser.password_link_id)
        elif letter.email_digest not in silenced:
            contents[letter.id] = Content("no_account")
    return contents


def _content(letter: Letter, context: AccountContext, link_id: str = "") -> Content:
    return Content(letter.template, (Entry(context, link_id),))


def _minute(moment: datetime) -> datetime:
    """Return the minute of a moment: letters of one minute have the same text."""
    return moment.replace(second=0, microsecond=0)


_LINK = timedelta(hours=terms.ACCOUNT_LINK_HOURS)
_RESET = timedelta(hours=terms.RESET_NOTICE_HOURS, days=terms.RESET_DAYS)

# What only the owner of an account causes: whoever else fills their mailbox with other letters must not keep it back.
_TO_OWNERS = partial(LetterKind, priority=0, folder="organise", even_silenced=True, per_day=1000)

for kind in (
    _TO_OWNERS("password_changed", content=_notices),
    _TO_OWNERS("address_changed", content=_notices),
    _TO_OWNERS("new_device", content=_new_devices),
    _TO_OWNERS("confirm_old_address", content=_email_changes, links={"old-address": _LINK}),
    _TO_OWNERS("confirm_new_address", content=_email_changes, links={"new-address": _LINK}, even_silenced=False),
    _TO_OWNERS("account_reset_notice", content=_resets, links={"objection": _RESET}),
    _TO_OWNERS("account_reset", content=_resets, links={"account-reset": _RESET}),
    # Anybody may ask for these; each link works until one is used.
    _TO_OWNERS("new_password", content=_new_passwords, links={"new-password": _LINK}, same_per_day=5),
):
    letters.register(kind)
