"""Totals are exact, and can be checked against the signatures."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.domain import supporters, totals
from petition.models import Dimension, Tally
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call, sign


def test_a_call_that_nobody_signed_has_zero(session: Session) -> None:
    total = totals.for_call(session, make_call(session))

    assert (total.total, total.goal, total.today) == (0, 100, 0)


def test_the_total_is_the_sum_of_its_three_parts(session: Session) -> None:
    call = make_call(session, paper_signatures=20, partner_reported=300)
    confirm(session, call)

    assert totals.for_call(session, call).total == 321


def test_every_figure_moves_with_a_confirmation(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    confirm(session, call)
    stopped_clock.tick(hours=1)
    confirm(session, call, email="ann@example.org", country=None, language="fr")

    assert totals.series(session, call) == [("2026-06-01T12", 1), ("2026-06-01T13", 1)]
    assert totals.figures(session, call, Dimension.COUNTRY) == [("", 1), ("NL", 1)]
    assert totals.figures(session, call, Dimension.LANGUAGE) == [("en", 1), ("fr", 1)]
    assert totals.figures(session, call, Dimension.PARTNER) == []


def test_today_begins_at_midnight_utc(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    confirm(session, call)
    stopped_clock.tick(hours=12)
    confirm(session, call, email="ann@example.org")

    assert totals.for_call(session, call).today == 1


def test_totals_of_several_calls_do_not_mix(session: Session) -> None:
    one, two = make_call(session, slug="one"), make_call(session, slug="two")
    confirm(session, one)
    confirm(session, two)
    confirm(session, two, email="ann@example.org")

    both = totals.for_calls(session, [one, two])

    assert (both[one.id].total, both[two.id].total) == (1, 2)


def test_no_drift_after_signing_confirming_withdrawing_undoing_and_erasing(session: Session) -> None:
    call = make_call(session)
    sign(session, call, email="waiting@example.org")
    confirm(session, call, email="stays@example.org")
    supporters.withdraw(session, confirm(session, call, email="left@example.org", country=None))
    back = confirm(session, call, email="back@example.org")
    supporters.withdraw(session, back)
    supporters.restore(session, back)
    supporters.erase(session, confirm(session, call, email="gone@example.org", language="de"))
    session.commit()

    assert totals.drift(session) == []
    assert totals.for_call(session, call).total == 2


def test_a_recount_finds_what_is_wrong_and_repairs_it(session: Session) -> None:
    call = make_call(session)
    confirm(session, call)
    session.execute(update(Tally).where(Tally.dimension == Dimension.TOTAL).values(confirmed=7))
    session.commit()

    assert totals.drift(session) == [totals.Figure(call.id, Dimension.TOTAL, "", -6)]
    totals.repair(session)
    session.commit()

    assert totals.for_call(session, call).total == 1
    assert totals.drift(session) == []


def test_the_goal_steps_up_when_nine_tenths_are_reached() -> None:
    assert [totals.next_goal(total) for total in (0, 89, 90, 224, 225, 449, 450, 900, 7500, 9000, 22500)] == [
        100, 100, 250, 250, 500, 500, 1000, 2500, 10000, 25000, 50000,
    ]  # fmt: skip
