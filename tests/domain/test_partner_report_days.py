"""The days for which partners report signatures."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from petition.domain import partner_reports, totals
from petition.domain.partner_reports import DayAfterClosing, DayBeforeOpening, DayRefused, FutureDay
from petition.models import Call, Partner, PartnerReport, Team
from tests.conftest import StoppedClock
from tests.factories import make_call, make_partner
from tests.organisers import make_team

DAY = date(2026, 5, 20)


@pytest.fixture(name="team")
def _team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture(name="call")
def _call(session: Session, team: Team) -> Call:
    return make_call(session, team=team)


@pytest.fixture(name="partner")
def _partner(session: Session, team: Team) -> Partner:
    return make_partner(session, team)


def put(
    session: Session, partner: Partner, call: Call, number: int, day: date = DAY, source: str = "Lists on paper"
) -> PartnerReport:
    report, _is_new = partner_reports.put(session, partner, call, day, countries={"NL": number}, source=source)
    session.commit()
    return report


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (date(2026, 6, 2), FutureDay),
        (date(9999, 12, 31), FutureDay),
        (date(2026, 6, 1), None),
        (date(2026, 5, 1), None),
        (date(2026, 4, 30), DayBeforeOpening),
        (date.min, DayBeforeOpening),
    ],
)
def test_a_day_counts_from_the_opening_until_today(
    session: Session, team: Team, partner: Partner, stopped_clock: StoppedClock, day: date, refusal: type[DayRefused]
) -> None:
    opens_at = stopped_clock.now.replace(month=5, hour=23)
    call = make_call(session, team=team, opens_at=opens_at)

    if refusal:
        with pytest.raises(refusal):
            put(session, partner, call, 1, day)
    else:
        put(session, partner, call, 1, day)
    assert totals.for_call(session, call).partner_reported == (0 if refusal else 1)


def test_no_day_counts_on_which_the_call_was_closed(
    session: Session, team: Team, partner: Partner, stopped_clock: StoppedClock
) -> None:
    midnight = stopped_clock.now.replace(month=5, day=20, hour=0)
    call = make_call(session, team=team, closes_at=midnight)

    put(session, partner, call, 1, date(2026, 5, 19))
    with pytest.raises(DayAfterClosing):
        put(session, partner, call, 1, date(2026, 5, 20))
