"""SharedCounter that all processes share."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from petition.domain import guard
from petition.http.rate_counter import DatabaseStorage, SharedCounter
from petition.jobs import guard as jobs
from petition.lib import clock
from petition.models import RateCount
from tests.conftest import StoppedClock

SIXTY = RateLimitItemPerMinute(60, 10)


@pytest.fixture
def process(session: Session) -> Callable[[], SharedCounter]:
    """Give a function that stands for one more process of the same installation."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    return lambda: SharedCounter(DatabaseStorage(engine, guard.increment), b"secret")


def rows(session: Session) -> list[tuple[bytes, int]]:
    session.rollback()
    return [(row.key_digest, row.hits) for row in session.execute(select(RateCount.key_digest, RateCount.hits))]


def test_a_count_adds_up_whoever_counts(session: Session, stopped_clock: StoppedClock) -> None:
    ends_at = clock.now() + timedelta(minutes=1)

    assert [guard.increment(session, b"one", ends_at, hits) for hits in (1, 1, 5)] == [1, 2, 7]
    assert guard.increment(session, b"other", ends_at) == 1
    session.commit()

    assert (guard.current(session, b"one"), guard.current(session, b"unknown")) == (7, 0)


def test_many_threads_lose_no_count(session: Session, process: Callable[[], SharedCounter]) -> None:
    engine = session.get_bind()
    assert isinstance(engine, Engine)

    with ThreadPoolExecutor(8) as crowd:
        seen = list(crowd.map(lambda _number: DatabaseStorage(engine, guard.increment).incr("ab" * 16, 60), range(40)))

    assert sorted(seen) == list(range(1, 41))


def test_counts_are_deleted_when_their_window_has_ended(session: Session, stopped_clock: StoppedClock) -> None:
    for number in range(5):
        guard.increment(session, bytes([number]), clock.now() + timedelta(minutes=number))
    session.commit()
    stopped_clock.tick(minutes=2)

    assert [jobs.forget_counts(session, limit=2) for _ in range(3)] == [2, 1, 0]
    assert [key for key, _hits in rows(session)] == [b"\x03", b"\x04"]


def test_a_limit_holds_in_one_process_and_ends_with_its_window(
    process: Callable[[], SharedCounter], stopped_clock: StoppedClock
) -> None:
    counts = process()
    stopped_clock.tick(minutes=4)

    assert [counts.hit("x", SIXTY) for _ in range(62)] == [True] * 60 + [False] * 2
    assert counts.ends_at(SIXTY) - clock.now().timestamp() == 360
    assert counts.hit("y", SIXTY)

    stopped_clock.tick(minutes=6)
    assert counts.hit("x", SIXTY)


@pytest.mark.parametrize("processes", [2, 4])
def test_a_limit_holds_for_all_processes_together_but_for_a_twelfth_each(
    process: Callable[[], SharedCounter], stopped_clock: StoppedClock, processes: int
) -> None:
    crowd = [process() for _ in range(processes)]

    allowed = sum(crowd[number % processes].hit("x", SIXTY) for number in range(200))

    assert 60 <= allowed <= 60 + 4 * (processes - 1)


def test_a_small_limit_holds_exactly(process: Callable[[], SharedCounter], stopped_clock: StoppedClock) -> None:
    crowd = [process() for _ in range(4)]

    assert sum(crowd[number % 4].hit("x", RateLimitItemPerHour(10)) for number in range(40)) == 10


def test_those_who_come_once_leave_no_trace_and_others_a_digest_only(
    session: Session, process: Callable[[], SharedCounter], stopped_clock: StoppedClock
) -> None:
    counts = process()
    for number in range(20):
        counts.hit(f"sign 203.0.113.{number}/32", SIXTY)
    assert rows(session) == []

    for _ in range(10):
        counts.hit("sign 203.0.113.7/32", SIXTY)

    ((key, hits),) = rows(session)
    assert (len(key), hits) == (16, 10)
    assert b"203" not in key


def test_full_counts_ask_the_database_no_more(
    session: Session, process: Callable[[], SharedCounter], stopped_clock: StoppedClock
) -> None:
    counts = process()
    for _ in range(500):
        counts.hit("x", SIXTY)

    ((_key, hits),) = rows(session)
    assert hits == 60


def test_a_storage_that_is_away_stops_nobody_and_the_process_counts_alone(
    session: Session, stopped_clock: StoppedClock
) -> None:
    counts = SharedCounter(DatabaseStorage(create_engine("sqlite:////nowhere/at/all"), guard.increment), b"secret")

    assert [counts.hit("x", SIXTY) for _ in range(61)] == [True] * 60 + [False]


def test_letters_of_one_minute_are_counted_by_all_workers(session: Session, stopped_clock: StoppedClock) -> None:
    assert jobs.room(session, 150, wanted=100) == 100
    jobs.note_taken(session, 150, 100)
    assert jobs.room(session, 150, wanted=100) == 50
    jobs.note_taken(session, 150, 50)
    assert jobs.room(session, 150, wanted=100) == 0
    assert jobs.room(session, 0, wanted=100) == 100

    stopped_clock.tick(minutes=1)
    assert jobs.room(session, 150, wanted=100) == 100
