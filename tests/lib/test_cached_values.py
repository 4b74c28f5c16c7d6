"""A value that a process shares is read now and then, by one thread, and nobody waits long for it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from petition.lib import cached_values
from petition.lib.cached_values import CachedValue


class Source:
    """Something to be read, that can be slow or away."""

    def __init__(self) -> None:
        self.value, self.reads, self.is_away, self.goes_on = "old", 0, False, Event()
        self.goes_on.set()

    def read(self) -> str:
        self.reads += 1
        self.goes_on.wait(10)
        if self.is_away:
            raise OSError
        # Another object each time, as from a database.
        return "".join(self.value)


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    yield made
    made.goes_on.set()


@pytest.fixture
def cached(source: Source) -> CachedValue[str]:
    return CachedValue(source.read, "default", (OSError,))


def grow_old(cached: CachedValue[str], seconds: float) -> None:
    cached._read_at -= seconds


def test_many_threads_cost_one_read(source: Source, cached: CachedValue[str]) -> None:
    with ThreadPoolExecutor(20) as threads:
        values = list(threads.map(lambda _number: cached.get(), range(1000)))

    assert set(values) == {"old"}
    assert source.reads == 1


def test_an_idle_process_does_not_give_an_old_value(source: Source, cached: CachedValue[str]) -> None:
    cached.get()
    source.value = "new"
    assert cached.get() == "old"

    grow_old(cached, cached_values.OLDEST)

    assert cached.get() == "new"


def test_a_busy_process_waits_for_nothing(source: Source, cached: CachedValue[str]) -> None:
    cached.get()
    source.value = "new"
    source.goes_on.clear()
    grow_old(cached, cached_values.REFRESH_AFTER)

    began_at = time.monotonic()
    assert cached.get() == "old"
    assert time.monotonic() - began_at < 0.2

    source.goes_on.set()
    while cached.get() == "old":
        assert time.monotonic() - began_at < 5
        time.sleep(0.01)


def test_while_it_cannot_be_read_the_last_value_stands_and_it_is_not_tried_all_the_time(
    source: Source, cached: CachedValue[str]
) -> None:
    cached.get()
    source.is_away = True
    grow_old(cached, 100)

    assert {cached.get() for _reader in range(1000)} == {"old"}
    assert source.reads == 2


def test_one_that_hangs_delays_readers_once_and_shortly(source: Source, cached: CachedValue[str]) -> None:
    cached.get()
    source.goes_on.clear()
    grow_old(cached, 100)

    began_at = time.monotonic()
    assert {cached.get() for _reader in range(100)} == {"old"}
    assert time.monotonic() - began_at < cached_values.TIMEOUT + 0.3
    assert source.reads == 2


def test_what_was_never_read_is_the_default(source: Source, cached: CachedValue[str]) -> None:
    source.is_away = True

    assert cached.get() == "default"


def test_an_equal_value_is_the_same_object(source: Source, cached: CachedValue[str]) -> None:
    first = cached.get()
    cached.expire()

    assert cached.get() is first
    assert source.reads == 2
