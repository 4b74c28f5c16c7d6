"""Switches: what the site's owners change while it runs, for all processes of all hosts within five seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition import db
from petition.domain import audit
from petition.errors import CallNotOpen, Conflict, NotFound
from petition.lib import clock
from petition.models import BANNER_LENGTH, BANNERS, Organiser, Switch

# What each switch can be set to; the empty word means off, or, for the proof of work, as PETITION_PROOF_OF_WORK says.
CHOICES: dict[str, tuple[str, ...]] = {
    "pause_signing": ("", "on"),
    "pause_letters": ("", "on"),
    "proof_of_work": ("", "on", "off"),
    "slow_counters": ("", "on"),
}

# Seconds for which pages and counters are kept at least while they are slow.
SLOW_TTL = 10.0


class SigningPaused(CallNotOpen):
    """Raised when somebody signs while signing is paused on the whole site; it is worth trying later."""

    retry_after = 300


class SwitchChanged(Conflict):
    """Raised when a switch is not any more what its page showed; nothing was changed."""


@dataclass(frozen=True)
class Switches:
    """How the switches stand; ``proof_of_work`` None leaves it to the setting, ``banner`` holds texts by language."""

    pause_signing: bool = False
    pause_letters: bool = False
    proof_of_work: bool | None = None
    slow_counters: bool = False
    banner: Mapping[str, str] = field(default_factory=dict)

    @property
    def min_ttl(self) -> float:
        """How many seconds the page cache uses an answer at least."""
        return SLOW_TTL if self.slow_counters else 0.0

    def require_signing(self) -> None:
        """Raise SigningPaused while nobody can sign."""
        if self.pause_signing:
            raise SigningPaused

    def banner_for(self, language: str) -> tuple[str, str] | None:
        """Return the banner's language and text: the reader's, or else the first there is; None without any."""
        found = language if language in self.banner else next(iter(self.banner), None)
        return (found, self.banner[found]) if found else None


class Change(NamedTuple):
    """A new value for a switch, and the value that its page showed."""

    name: str
    shown: str
    value: str


def rows(session: Session) -> dict[str, Switch]:
    """Return all switches by name; those that nobody ever set are off and have no ``changed_at``."""
    stored = session.scalars(select(Switch).execution_options(populate_existing=True))
    never_set = {name: Switch(name=name, value="") for name in (*CHOICES, *BANNERS.values())}
    return never_set | {switch.name: switch for switch in stored}


def values(session: Session) -> dict[str, str]:
    """Return the values of all switches by name, empty for those that are off."""
    return {name: switch.value for name, switch in rows(session).items()}


def current(session: Session) -> Switches:
    """Return how the switches stand in the database; one query."""
    now = values(session)
    return Switches(
        pause_signing=now["pause_signing"] == "on",
        pause_letters=now["pause_letters"] == "on",
        proof_of_work={"on": True, "off": False}.get(now["proof_of_work"]),
        slow_counters=now["slow_counters"] == "on",
        banner={language: now[name] for language, name in BANNERS.items() if now[name]},
    )


def change(session: Session, person: Organiser | None, changes: Sequence[Change]) -> None:
    """Set switches, all or none; what stays as it was shown is not touched.

    Raises NotFound for a name or value that there is not, and SwitchChanged, after which the caller rolls back.
    """
    # In one order everywhere, so that two who change the same switches cannot lock each other out.
    for one in sorted(changes):
        is_choice = one.value in CHOICES.get(one.name, ())
        if not is_choice and not (one.name in BANNERS.values() and len(one.value) <= BANNER_LENGTH):
            raise NotFound
        if one.value != one.shown:
            _set(session, person, one)


def _set(session: Session, person: Organiser | None, one: Change) -> None:
    now = clock.now()
    row = {"name": one.name, "value": "", "changed_at": now}
    session.execute(db.insert(db.is_sqlite(session), Switch).values(row).on_conflict_do_nothing())
    changed = session.execute(
        update(Switch)
        .where(Switch.name == one.name, Switch.value == one.shown)
        .values(value=one.value, changed_at=now)
        .returning(Switch.name)
        .execution_options(synchronize_session=False)
    )
    if not changed.all():
        raise SwitchChanged
    audit.record(
        session,
        person,
        "set_switches",
        Switch(name=one.name),
        old=f"{one.name}: {one.shown or 'off'}",
        new=f"{one.name}: {one.value or 'off'}",
    )
