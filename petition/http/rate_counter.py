"""Rate counts that all processes share, at hardly any cost: each counts in memory and syncs now and then.

The fixed windows of ``limits`` begin with the first hit in its storage; ours end for all processes at the same moment,
so that a process can know without asking when a window is over, and count in one that has not begun.
"""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock
from typing import Protocol

import structlog
from limits import RateLimitItem
from limits.storage import RedisStorage
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from petition.lib import clock

# A process syncs after one twelfth of a limit; so much later it may notice that the limit is reached.
SYNC_FRACTION = 12

# Windows in memory, those hit last, at about 240 bytes each: 12 MB at most. Their keys are digests of fixed length.
MAX_WINDOWS = 50_000

# After a storage failed, each process counts alone for so many seconds.
LOCAL_ONLY_SECONDS = 10

log = structlog.get_logger()


class Storage(Protocol):
    """Where processes meet; the storages of ``limits`` are of this kind."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to the count of a key that expires in ``expiry`` seconds; returns its value."""


class DatabaseStorage:
    """Keeps counts in a table, each step in a short transaction of its own: a failed request counts too.

    ``increment`` takes a session, a key of bytes, the end of the window and an amount, and returns the new value.
    """

    def __init__(self, engine: Engine, increment: Callable[[Session, bytes, datetime, int], int]) -> None:
        self._engine, self._increment = engine, increment

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to the count of a hexadecimal key that expires in ``expiry`` seconds; returns its value."""
        ends_at = datetime.fromtimestamp(clock.now().timestamp() + expiry, UTC)
        with Session(self._engine) as own, own.begin():
            return self._increment(own, bytes.fromhex(key), ends_at, amount)


def redis_storage(url: str) -> Storage:
    """Return a storage in Redis, which is given half a second for each answer."""
    return RedisStorage(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class _Window:
    """One count: what all processes had at the last sync, and what they do not know of yet."""

    __slots__ = ("ends_at", "shared", "unsynced")

    def __init__(self, ends_at: int) -> None:
        self.ends_at, self.shared, self.unsynced = ends_at, 0, 0


class SharedCounter:
    """Counts hits in aligned windows of time; ``secret`` keys the digests under which they are stored."""

    def __init__(self, storage: Storage, secret: bytes) -> None:
        self._storage, self._secret = storage, secret
        self._windows: dict[str, _Window] = {}
        self._lock = Lock()
        self._sweep_at = self._sync_from = 0.0

    def hit(self, what: str, limit: RateLimitItem, later: int = 0) -> bool:
        """Count one hit in the current window, or in the one that is ``later`` windows away; False when it is full."""
        ends_at = self.ends_at(limit, later)
        key = hmac.digest(self._secret, f"{what} {limit} {ends_at}".encode(), sha256)[:16].hex()
        with self._lock:
            window = self._window(key, ends_at)
            if window.shared + window.unsynced >= limit.amount:
                return False
            window.unsynced += 1
            unsynced = window.unsynced
            if unsynced <= (limit.amount - 1) // SYNC_FRACTION or clock.now().timestamp() < self._sync_from:
                return True
            window.shared, window.unsynced = window.shared + unsynced, 0
        shared = self._sync(key, ends_at, unsynced)
        with self._lock:
            window.shared = max(window.shared, shared)
        return shared <= limit.amount

    @staticmethod
    def ends_at(limit: RateLimitItem, later: int = 0) -> int:
        """Return the second (Unix time) at which a window ends."""
        seconds = limit.get_expiry()
        return int((clock.now().timestamp() // seconds + 1 + later) * seconds)

    def _window(self, key: str, ends_at: int) -> _Window:
        """Return a window, now the most recently used; of too many the least recently used is dropped."""
        now = clock.now().timestamp()
        if now >= self._sweep_at:
            self._windows = {old: window for old, window in self._windows.items() if window.ends_at > now}
            self._sweep_at = now + 600
        window = self._windows.pop(key, None) or _Window(ends_at)
        self._windows[key] = window
        if len(self._windows) > MAX_WINDOWS:
            del self._windows[next(iter(self._windows))]
        return window

    def _sync(self, key: str, ends_at: int, hits: int) -> int:
        """Add to the shared count and return it; when the storage is away, what this process knows must do."""
        expiry = max(1, round(ends_at - clock.now().timestamp()))
        try:
            return self._storage.incr(key, expiry, hits)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("rate_counts_not_shared", reason=type(error).__name__)
            self._sync_from = clock.now().timestamp() + LOCAL_ONLY_SECONDS
            return 0
