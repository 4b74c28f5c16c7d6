"""What partners brought: in all, by call, by day, in the busiest minutes, and what of it is public."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition import terms
from petition.lib import clock
from petition.models import Call, CallText, Campaign, Dimension, Partner, Signature, SignatureState, Tally, Team
from petition.models.base import HourOf, MinuteOf

_BROUGHT = (Dimension.PARTNER, Dimension.REPORTED)
# So many of the busiest minutes are shown.
_SURGES = 5


class Brought(NamedTuple):
    """What a partner brought: signatures that were confirmed here, and those that it reported."""

    confirmed: int = 0
    reported: int = 0


class CallBrought(NamedTuple):
    """What a partner brought for one call, with the call's title in its own language."""

    call: Call
    title: str
    brought: Brought


class Conversion(NamedTuple):
    """Of so many who were asked to confirm, so many did; see ``conversion``."""

    asked: int
    confirmed: int

    @property
    def share(self) -> float:
        """The share of those who did; 0 where nobody was asked."""
        return self.confirmed / self.asked if self.asked else 0.0


class Carrier(NamedTuple):
    """A partner that is named in public; ``number`` is None where it is smaller than SMALLEST_CELL."""

    partner: Partner
    number: int | None


def brought_by_all(session: Session, team: Team) -> dict[str, Brought]:
    """Return what the partners of a team brought for all its calls, by slug."""
    rows = session.execute(
        select(Tally.key, Tally.dimension, func.sum(Tally.confirmed))
        .join(Call, Call.id == Tally.call_id)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(Campaign.team_id == team.id, Tally.dimension.in_(_BROUGHT))
        .group_by(Tally.key, Tally.dimension)
    )
    sums = {(key, dimension): int(number) for key, dimension, number in rows}
    return {slug: _brought(sums, slug) for slug, _dimension in sums}


def brought_by_call(session: Session, partner: Partner) -> list[CallBrought]:
    """Return what a partner brought for each call of its team that the public has seen, the newest call first."""
    own_words = (CallText.call_id == Call.id) & (CallText.language == Call.language)
    calls = session.execute(
        select(Call, CallText.title)
        .join(CallText, own_words)
        .join(Campaign, Campaign.id == Call.campaign_id)
        .where(Campaign.team_id == partner.team_id, Call.version > 0)
        .order_by(Call.opens_at.desc(), Call.id.desc())
    ).all()
    rows = session.execute(
        select(Tally.call_id, Tally.dimension, func.sum(Tally.confirmed))
        .where(
            Tally.call_id.in_([call.id for call, _title in calls]),
            Tally.dimension.in_(_BROUGHT),
            Tally.key == partner.slug,
        )
        .group_by(Tally.call_id, Tally.dimension)
    )
    sums = {(call_id, dimension): int(number) for call_id, dimension, number in rows}
    return [CallBrought(call, title, _brought(sums, call.id)) for call, title in calls]


def days(session: Session, partner: Partner) -> list[tuple[date, int]]:
    """Return how many signatures that a partner brought were confirmed on each of the last days (UTC), newest first.

    Today is left out, and days without any. Hours are never told: beside a web log they would name people.
    """
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    day = func.substr(HourOf(Signature.confirmed_at), 1, 10)
    since = Signature.confirmed_at >= today - timedelta(days=terms.PARTNER_FIGURES_DAYS)
    rows = session.execute(
        select(day, func.count())
        .where(*_confirmed(partner), since, Signature.confirmed_at < today)
        .group_by(day)
        .order_by(day.desc())
    )
    return [(date.fromisoformat(text), number) for text, number in rows]


def conversion(session: Session, partner: Partner) -> Conversion:
    """Return how many confirmed of those who came through a partner and were asked to in the last CONFIRM_DAYS days."""
    since = clock.now() - timedelta(days=terms.CONFIRM_DAYS)
    is_confirmed = Signature.confirmed_at.is_not(None)
    asked, confirmed = session.execute(
        select(func.count(), func.count().filter(is_confirmed)).where(
            Signature.partner == partner.slug, Signature.partner != "", Signature.requested_at >= since
        )
    ).one()
    return Conversion(asked, confirmed)


def surges(session: Session, partner: Partner) -> list[tuple[datetime, int]]:
    """Return the busiest minutes (UTC) of a partner in the last days, those with PARTNER_SURGE confirmations or more.

    A partner can credit itself with what it brings; a machine that confirms is seen here.
    """
    minute, number = MinuteOf(Signature.confirmed_at), func.count()
    since = Signature.confirmed_at >= clock.now() - timedelta(days=terms.PARTNER_FIGURES_DAYS)
    rows = session.execute(
        select(minute, number)
        .where(*_confirmed(partner), since)
        .group_by(minute)
        .having(number >= terms.PARTNER_SURGE)
        .order_by(number.desc(), minute)
        .limit(_SURGES)
    )
    return [(datetime.fromisoformat(f"{text}:00+00:00"), found) for text, found in rows]


def carriers(session: Session, call: Call) -> list[Carrier]:
    """Return the partners that brought signatures for a call and agreed to be named, those with most first."""
    number = func.sum(Tally.confirmed)
    rows = session.execute(
        select(Partner, number)
        .join(Tally, Tally.key == Partner.slug)
        .where(
            Tally.call_id == call.id,
            Tally.dimension.in_(_BROUGHT),
            Partner.team_id == call.campaign.team_id,
            Partner.is_listed,
        )
        .group_by(Partner.id)
        .having(number > 0)
        .order_by(number.desc(), func.lower(Partner.name))
    )
    smallest = terms.SMALLEST_CELL
    # The smaller ones by name: their order would say what their numbers do not.
    found = [(partner, int(count)) for partner, count in rows]
    small = sorted((partner for partner, count in found if count < smallest), key=lambda one: one.name.casefold())
    large = [Carrier(partner, count) for partner, count in found if count >= smallest]
    return large + [Carrier(partner, None) for partner in small]


def _brought(sums: Mapping[tuple[Any, Dimension], int], key: object) -> Brought:
    return Brought(*(sums.get((key, dimension), 0) for dimension in _BROUGHT))


def _confirmed(partner: Partner) -> tuple[Any, ...]:
    return Signature.partner == partner.slug, Signature.partner != "", Signature.state == SignatureState.CONFIRMED
