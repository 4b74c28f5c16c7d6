"""Totals: moved in the transaction that confirms, read as sums of a few rows, checked by a recount."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Row, String, and_, func, literal, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from petition import db
from petition.lib import clock
from petition.models import (
    Call,
    Dimension,
    Partner,
    PartnerReport,
    PartnerReportState,
    Signature,
    SignatureState,
    Tally,
)
from petition.models.base import HourOf

# One row makes all confirmations of a viral call wait for each other; see docs/decisions/0002.
SHARDS = 16

# The goal steps up by itself.
_GOAL_STEPS = (100, 250, 500)
_NEXT_GOAL_AT_PERCENT = 90


@dataclass(frozen=True)
class Total:
    """How many signatures count, with its parts, and the instant it is true for."""

    confirmed: int
    paper: int
    partner_reported: int
    today: int
    as_of: datetime

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return self.confirmed + self.paper + self.partner_reported

    @property
    def goal(self) -> int:
        """The next number worth reaching."""
        return next_goal(self.total)


def next_goal(total: int) -> int:
    """Return the first of 100, 250, 500, 1,000, 2,500, … of which ``total`` has not reached 90 %."""
    power = 1
    while True:
        for step in _GOAL_STEPS:
            if total * 100 < step * power * _NEXT_GOAL_AT_PERCENT:
                return step * power
        power *= 10


class Figure(NamedTuple):
    """A number of signatures of one call, by one key of one dimension."""

    call_id: int
    dimension: Dimension
    key: str
    confirmed: int


def for_call(session: Session, call: Call) -> Total:
    """Return the total of one call."""
    return for_calls(session, [call])[call.id]


def for_calls(session: Session, calls: Sequence[Call]) -> dict[int, Total]:
    """Return the totals of several calls by call, in one query."""
    as_of = clock.now()
    midnight = _hour(as_of.replace(hour=0))
    rows = session.execute(
        select(Tally.call_id, Tally.dimension, func.sum(Tally.confirmed))
        .where(
            Tally.call_id.in_([call.id for call in calls]),
            or_(
                Tally.dimension.in_([Dimension.TOTAL, Dimension.REPORTED]),
                and_(Tally.dimension == Dimension.HOUR, Tally.key >= midnight),
            ),
        )
        .group_by(Tally.call_id, Tally.dimension)
    )
    sums = {(call_id, dimension): int(number) for call_id, dimension, number in rows}
    return {
        call.id: Total(
            confirmed=sums.get((call.id, Dimension.TOTAL), 0),
            paper=call.paper_signatures,
            partner_reported=call.partner_reported + sums.get((call.id, Dimension.REPORTED), 0),
            today=sums.get((call.id, Dimension.HOUR), 0),
            as_of=as_of,
        )
        for call in calls
    }


def series(session: Session, call: Call) -> list[tuple[str, int]]:
    """Return ``(hour, confirmed)`` in order, for each UTC hour (``2026-11-22T17``) in which somebody confirmed."""
    return figures(session, call, Dimension.HOUR)


def figures(session: Session, call: Call, dimension: Dimension) -> list[tuple[str, int]]:
    """Return ``(key, confirmed)`` of one dimension, in the order of the keys; small cells are not folded here."""
    number = func.sum(Tally.confirmed)
    rows = session.execute(
        select(Tally.key, number)
        .where(Tally.call_id == call.id, Tally.dimension == dimension)
        .group_by(Tally.key)
        .having(number != 0)
        .order_by(Tally.key)
    )
    return [(key, int(confirmed)) for key, confirmed in rows]


def add(session: Session, signatures: Iterable[Row[*tuple[Any, ...]]], number: int) -> None:
    """Let signatures count (+1) or count no more (-1) in every figure, at the hour each was confirmed.

    ``signatures`` are rows with the columns ``COUNTED``.
    """
    changes: Counter[tuple[int, Dimension, str]] = Counter()
    for signature in signatures:
        keys = {
            Dimension.TOTAL: "",
            Dimension.HOUR: _hour(signature.confirmed_at),
            Dimension.COUNTRY: signature.country or "",
            Dimension.LANGUAGE: signature.language,
            Dimension.PARTNER: signature.partner or None,
            Dimension.CHANNEL: signature.via or None,
        }
        for dimension, key in keys.items():
            if key is not None:
                changes[signature.call_id, dimension, key] += number
    shard = 0 if db.is_sqlite(session) else random.randrange(SHARDS)  # noqa: S311 - it only spreads the load
    _move(session, shard, [Figure(*figure, change) for figure, change in changes.items()])


def add_reported(session: Session, call_id: int, partner: str, change: int) -> None:
    """Add to what a partner, named by its slug, reports for a call; the other figures stay as they are."""
    if change:
        _move(session, 0, [Figure(call_id, Dimension.REPORTED, partner, change)])


def drift(session: Session) -> list[Figure]:
    """Return what each wrong figure lacks, compared with the confirmed signatures and with what partners report.

    Nothing when all is well. It is one statement and so one snapshot: confirmations that happen meanwhile do not look
    like drift.
    """
    counted = [
        select(
            Signature.call_id,
            literal(dimension.value, String).label("dimension"),
            key.label("key"),
            func.count().label("confirmed"),
        )
        .where(Signature.state == SignatureState.CONFIRMED, key.is_not(None))
        .group_by(Signature.call_id, key)
        for dimension, key in _KEYS.items()
    ]
    tallied = select(Tally.call_id, type_coerce(Tally.dimension, String), Tally.key, -Tally.confirmed)
    reported = (
        select(
            PartnerReport.call_id,
            literal(Dimension.REPORTED.value, String),
            Partner.slug,
            func.sum(PartnerReport.signatures),
        )
        .join_from(PartnerReport, Partner)
        .where(PartnerReport.state == PartnerReportState.COUNTED)
        .group_by(PartnerReport.call_id, Partner.slug)
    )
    both = union_all(*counted, reported, tallied).subquery()
    missing = func.sum(both.c.confirmed)
    rows = session.execute(
        select(both.c.call_id, both.c.dimension, both.c.key, missing)
        .group_by(both.c.call_id, both.c.dimension, both.c.key)
        .having(missing != 0)
        .order_by(both.c.call_id, both.c.dimension, both.c.key)
    )
    return [Figure(call_id, Dimension(dimension), key, int(number)) for call_id, dimension, key, number in rows]


def repair(session: Session) -> list[Figure]:
    """Add what is missing to the tally and return it; additions keep what is confirmed meanwhile."""
    missing = drift(session)
    _move(session, 0, missing)
    return missing


def _move(session: Session, shard: int, figures: Sequence[Figure]) -> None:
    if figures:
        # In one order everywhere, so that transactions on one shard queue and cannot lock each other out.
        rows = [figure._asdict() | {"shard": shard} for figure in sorted(figures)]
        session.connection().execute(_addition(db.is_sqlite(session)), rows)


@cache
def _addition(is_sqlite: bool) -> Insert:
    statement = db.insert(is_sqlite, Tally)
    return statement.on_conflict_do_update(
        index_elements=[Tally.call_id, Tally.dimension, Tally.key, Tally.shard],
        set_={"confirmed": Tally.confirmed + statement.excluded.confirmed},
    )


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")


# What an update or delete returns of a signature, so that it can be added or taken off.
COUNTED = (
    Signature.call_id,
    Signature.confirmed_at,
    Signature.country,
    Signature.language,
    Signature.partner,
    Signature.via,
)

_KEYS: dict[Dimension, ColumnElement[str] | ColumnElement[str | None] | FunctionElement[str]] = {
    Dimension.TOTAL: literal("", String),
    Dimension.HOUR: HourOf(Signature.confirmed_at),
    Dimension.COUNTRY: func.coalesce(Signature.country, ""),
    Dimension.LANGUAGE: type_coerce(Signature.language, String),
    Dimension.PARTNER: func.nullif(Signature.partner, ""),
    Dimension.CHANNEL: func.nullif(Signature.via, ""),
}
