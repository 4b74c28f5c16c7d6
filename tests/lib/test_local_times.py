"""Moments as people type them."""

from datetime import UTC, datetime

import pytest

from petition.lib import local_times
from petition.lib.local_times import NoSuchTime, TimeComesTwice

PARIS = "Europe/Paris"


def test_a_local_time_is_an_instant_and_back() -> None:
    instant = local_times.parse("2026-06-01T12:00", PARIS)

    assert instant == datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert local_times.shown(instant, PARIS) == "2026-06-01T12:00"
    assert local_times.which(instant, PARIS) == ""


def test_a_time_that_clocks_leave_out_is_refused_with_times_around_it() -> None:
    with pytest.raises(NoSuchTime) as refused:
        local_times.parse("2026-03-29T02:30", PARIS)

    assert (f"{refused.value.earlier:%H:%M}", f"{refused.value.later:%H:%M}") == ("01:30", "03:30")


def test_a_time_that_comes_twice_is_asked_about() -> None:
    with pytest.raises(TimeComesTwice):
        local_times.parse("2026-10-25T02:30", PARIS)

    first, second = (local_times.parse("2026-10-25T02:30", PARIS, which) for which in ("first", "second"))
    assert (first.hour, second.hour) == (0, 1)
    assert [local_times.which(moment, PARIS) for moment in (first, second)] == ["first", "second"]


def test_the_hours_beside_a_change_of_clocks_are_plain() -> None:
    for typed in ("2026-03-29T01:59", "2026-03-29T03:00", "2026-10-25T01:59", "2026-10-25T03:00"):
        instant = local_times.parse(typed, PARIS)
        assert (local_times.shown(instant, PARIS), local_times.which(instant, PARIS)) == (typed, "")


@pytest.mark.parametrize(
    "typed", ["", "soon", "2026-02-30T12:00", "2026-06-01", "0001-01-01T00:00", "2026-06-01T25:00"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        local_times.parse(typed, PARIS)
