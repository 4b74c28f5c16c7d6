"""The letters that tell an organiser what became of the ways to sign in to their account."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.models import Letter, Passkey

_ABOUT_A_PASSKEY = ("passkey_added", "passkey_removed", "passkey_went_back")
_OTHERS = ("totp_turned_on", "totp_turned_off", "recovery_code_used", "recovery_codes_renewed")


class FactorContext(NamedTuple):
    """What a letter says: what happened, when to the minute, and the name of the passkey if there is one."""

    event: str
    at: datetime
    passkey: str


def for_batch(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what letters say: what they were written for, whatever became of the account and its address since."""
    about = {letter.id: int(letter.version) for letter in batch if letter.template in _ABOUT_A_PASSKEY}
    rows = session.scalars(select(Passkey).where(Passkey.id.in_(about.values())))
    names = {passkey.id: passkey.name for passkey in rows}
    return {
        letter.id: Content("factor_changed", [Entry(_context(letter, names.get(about.get(letter.id, 0), "")), "")])
        for letter in batch
        if letter.recipient
    }


def _context(letter: Letter, passkey: str) -> FactorContext:
    return FactorContext(letter.template, letter.created_at.replace(second=0, microsecond=0), passkey)


for _event in (*_ABOUT_A_PASSKEY, *_OTHERS):
    # Strangers who let us write to an address must not keep its owner from these.
    letters.register(LetterKind(_event, 0, for_batch, per_day=1000, folder="organise", even_silenced=True))
