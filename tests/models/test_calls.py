"""When a call is open: for a row and for a query alike."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.models import Call
from tests.conftest import StoppedClock
from tests.factories import make_call

IS_OPEN, TAKES_CONFIRMATIONS = select(Call.is_open), select(Call.takes_confirmations)


@pytest.mark.parametrize(
    ("hours", "is_open", "takes_confirmations"),
    [
        (-0.1, False, True),
        (0, True, True),
        (0.9, True, True),
        (1, False, True),
        (24.9, False, True),
        (25, False, False),
    ],
)
def test_a_query_and_a_row_agree_on_whether_a_call_is_open(
    session: Session, stopped_clock: StoppedClock, hours: float, is_open: bool, takes_confirmations: bool
) -> None:
    now = stopped_clock.now
    call = make_call(session, opens_at=now, closes_at=now + timedelta(hours=1))

    stopped_clock.tick(hours=hours)

    assert (call.is_open, call.takes_confirmations) == (is_open, takes_confirmations)
    assert (session.scalar(IS_OPEN), session.scalar(TAKES_CONFIRMATIONS)) == (is_open, takes_confirmations)


def test_a_call_without_an_end_stays_open(session: Session) -> None:
    call = make_call(session)

    assert (call.is_open, call.takes_confirmations) == (True, True)
    assert (session.scalar(IS_OPEN), session.scalar(TAKES_CONFIRMATIONS)) == (True, True)
