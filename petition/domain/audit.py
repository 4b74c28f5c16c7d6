"""The audit log: who did what to which thing."""

from collections.abc import Collection
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.orm import Session

from petition import terms
from petition.lib import clock
from petition.models import AuditEntry, AuditNetwork, Organiser
from petition.models.base import Base

PAGE_SIZE = 50

_KEEP = timedelta(days=terms.AUDIT_YEARS * 365)
_KEEP_NETWORKS = timedelta(days=terms.AUDIT_NETWORK_DAYS)

# The keyed digest of the network from which the request at hand came; empty for commands and jobs.
network_digest: ContextVar[bytes] = ContextVar("network_digest", default=b"")


def record(
    session: Session,
    actor: Organiser | None,
    action: str,
    thing: Base,
    *,
    team_id: int | None = None,
    old: object = "",
    new: object = "",
) -> None:
    """Add an entry; ``actor`` None is an operator. ``old`` and ``new`` are cut to 300 characters.

    Never give it anything of a supporter, nor a secret, nor a person's name: people and things are named by their id.
    """
    session.flush()
    entry = AuditEntry(
        at=clock.now(),
        actor_id=actor.id if actor else None,
        team_id=team_id,
        action=action,
        thing=type(thing).__tablename__,
        thing_id=getattr(thing, "id", None),
        old=str(old)[:300],
        new=str(new)[:300],
    )
    session.add(entry)
    session.flush()
    if digest := network_digest.get():
        session.add(AuditNetwork(entry_id=entry.id, digest=digest, at=entry.at))


class Filter(NamedTuple):
    """Which entries to read; what is None or empty matters not. ``actor_id`` 0 means operators, ``day`` is in UTC."""

    actor_id: int | None = None
    action: str = ""
    thing: str = ""
    day: date | None = None


class Entry(NamedTuple):
    """An entry as it is read; ``actor`` is None for operators and former members, ``network`` is a short mark."""

    id: int
    at: datetime
    actor_id: int | None
    actor: Organiser | None
    action: str
    thing: str
    thing_id: int | None
    person: Organiser | None
    old: str
    new: str
    network: str


class Page(NamedTuple):
    """Some entries, newest first; ``older`` is what ``before`` is on the page of older ones, None on the last."""

    entries: list[Entry]
    older: int | None


def read(
    session: Session, team_id: int | None, wanted: Filter, *, before: int | None = None, limit: int = PAGE_SIZE
) -> Page:
    """Return up to ``limit`` entries of a team, or of those of no team, that are older than entry ``before``."""
    query = select(AuditEntry).where(AuditEntry.team_id.is_not_distinct_from(team_id), *_conditions(wanted))
    if before is not None:
        query = query.where(AuditEntry.id < before)
    rows = session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    people = _people(session, {row.actor_id for row in shown} | {row.thing_id for row in shown if _is_person(row)})
    marks = _marks(session, [row.id for row in shown])
    entries = [
        Entry(
            row.id,
            row.at,
            row.actor_id,
            people.get(row.actor_id),
            row.action,
            row.thing,
            row.thing_id,
            people.get(row.thing_id) if _is_person(row) else None,
            row.old,
            row.new,
            marks.get(row.id, ""),
        )
        for row in shown
    ]
    return Page(entries, shown[-1].id if len(rows) > limit else None)


class Choices(NamedTuple):
    """What occurs in the entries of a team, or of none: ids of people (0 for operators) and who they are, words."""

    people: dict[int, Organiser | None]
    actions: list[str]
    things: list[str]


def choices(session: Session, team_id: int | None) -> Choices:
    """Return by what the entries of a team, or of none, can be filtered."""
    theirs = AuditEntry.team_id.is_not_distinct_from(team_id)
    actor_ids = session.scalars(select(AuditEntry.actor_id).where(theirs).distinct()).all()
    people = _people(session, set(actor_ids))
    return Choices(
        {actor_id or 0: people.get(actor_id) for actor_id in sorted(actor_ids, key=lambda one: one or 0)},
        sorted(session.scalars(select(AuditEntry.action).where(theirs).distinct())),
        sorted(session.scalars(select(AuditEntry.thing).where(theirs).distinct())),
    )


def delete_old_days(session: Session) -> int:
    """Delete the entries of all UTC days that ended AUDIT_YEARS ago; returns how many. Nothing else deletes any."""
    midnight = datetime.combine((clock.now() - _KEEP).date(), time(), UTC)
    return _delete(session, AuditEntry, AuditEntry.at < midnight)


def delete_networks(session: Session) -> int:
    """Forget from which networks entries older than AUDIT_NETWORK_DAYS came; returns how many."""
    return _delete(session, AuditNetwork, AuditNetwork.at < clock.now() - _KEEP_NETWORKS)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.actor_id is not None:
        conditions.append(AuditEntry.actor_id.is_not_distinct_from(wanted.actor_id or None))
    if wanted.action:
        conditions.append(AuditEntry.action == wanted.action)
    if wanted.thing:
        conditions.append(AuditEntry.thing == wanted.thing)
    if wanted.day:
        midnight = datetime.combine(wanted.day, time(), UTC)
        conditions.append(AuditEntry.at.between(midnight, midnight + timedelta(days=1, microseconds=-1)))
    return conditions


def _is_person(entry: AuditEntry) -> bool:
    return entry.thing == Organiser.__tablename__


def _people(session: Session, ids: Collection[int | None]) -> dict[int | None, Organiser]:
    found = session.scalars(select(Organiser).where(Organiser.id.in_([one for one in ids if one])))
    return {person.id: person for person in found}


def _marks(session: Session, ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(AuditNetwork.entry_id, AuditNetwork.digest).where(AuditNetwork.entry_id.in_(ids)))
    return {entry_id: digest.hex()[:6] for entry_id, digest in rows}


def _delete(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    """Delete rows with one statement; returns how many."""
    gone = delete(table).where(condition).returning(*inspect(table).primary_key)
    return len(session.execute(gone.execution_options(synchronize_session=False)).all())
