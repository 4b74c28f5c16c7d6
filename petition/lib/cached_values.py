"""A value that all of a process share and that is read again every other second, without anybody waiting for it."""

import time
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

# Seconds: a younger value is given as it is; at this age it is read again; an older one than OLDEST is waited for.
REFRESH_AFTER = 2.0
OLDEST = 2.5
# How long at most a value is waited for, from when reading it began: the first one, and every other.
FIRST_TIMEOUT = 5.0
TIMEOUT = 0.5


class CachedValue(Generic[T]):
    """The last known value, at most ``OLDEST`` seconds old while it can be read; safe among threads.

    ``read`` runs in a thread of its own, once at a time. While it raises one of ``faults``, or takes longer than the
    timeouts, the last value stands, at first ``default``. A value equal to the last one is given as the same object, so
    that "is it another?" is a look at its identity.
    """

    def __init__(self, read: Callable[[], T], default: T, faults: tuple[type[Exception], ...]) -> None:
        self._read, self._faults = read, faults
        self._value, self._was_read = default, False
        self._read_at, self._begun_at = float("-inf"), 0.0
        self._lock, self._done = Lock(), Event()
        self._done.set()

    def get(self) -> T:
        """Return the value."""
        age = time.monotonic() - self._read_at
        if age >= REFRESH_AFTER:
            done = self._refresh()
            if age >= OLDEST:
                timeout = TIMEOUT if self._was_read else FIRST_TIMEOUT
                done.wait(max(0.0, self._begun_at + timeout - time.monotonic()))
        return self._value

    def expire(self) -> None:
        """Let the next who asks read it anew, as after a change made here."""
        self._read_at = float("-inf")

    def _refresh(self) -> Event:
        with self._lock:
            if self._done.is_set() and time.monotonic() - self._read_at >= REFRESH_AFTER:
                self._done, self._begun_at = Event(), time.monotonic()
                Thread(target=self._run, args=(self._done,), name="cached-value", daemon=True).start()
            return self._done

    def _run(self, done: Event) -> None:
        begun_at = time.monotonic()
        try:
            value = self._read()
            if value != self._value:
                self._value = value
        except self._faults:
            pass  # The last known value stands.
        finally:
            # Counted from before it was read, so that a change made meanwhile is seen in time.
            self._read_at = max(begun_at, time.monotonic() - TIMEOUT)
            self._was_read = True
            done.set()
