"""Stops asking a service that fails, and tries it again after pauses that grow."""

import random
import time
from threading import Lock

# Seconds within which the one trial call after a pause reports back; then another may be made.
_TRIAL = 30.0


class CircuitBreaker:
    """Open after ``failures`` in a row: for ``pause`` seconds, twice that after each failed trial, ``longest`` at most.

    Each pause is shortened by up to a half at random, so that many processes do not come back at one moment. Safe among
    threads.
    """

    def __init__(self, failures: int = 3, pause: float = 10.0, longest: float = 600.0) -> None:
        self._most, self._pause, self._longest = failures, pause, longest
        self._failures, self._openings, self._closed_from = 0, 0, 0.0
        self._lock = Lock()

    def allows(self) -> bool:
        """Whether a call may be made now; after a pause one caller is told so, and the others wait for its outcome."""
        with self._lock:
            now = time.monotonic()
            if now < self._closed_from:
                return False
            if self._openings:
                self._closed_from = now + _TRIAL
            return True

    def succeeded(self) -> None:
        """Note that a call was answered."""
        with self._lock:
            self._failures, self._openings, self._closed_from = 0, 0, 0.0

    def failed(self, pause: float = 0.0) -> None:
        """Note that a call failed; the service itself may have named a ``pause`` in seconds, which begins at once."""
        with self._lock:
            self._failures += 1
            if not pause and self._failures < self._most and not self._openings:
                return
            grown = min(self._longest, self._pause * 2.0 ** min(self._openings, 16))
            self._openings += 1
            jitter = random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it
            self._closed_from = time.monotonic() + (pause or grown * jitter)
