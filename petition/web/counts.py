"""Counts that all processes share, at hardly any cost: each counts for itself and tells the others now and then."""

import hmac
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

from petition.domain import guard
from petition.lib import clock

# A process tells the others after so small a part of a limit; so much later it may notice that the limit is reached.
_PART = 12

# So many windows are remembered, those hit last: 12 MB at most.
_MOST = 50_000

# After a storage failed, each process counts alone for so many seconds.
_ALONE = 10

log = structlog.get_logger()


class Storage(Protocol):
    """Where processes meet; the storages of ``limits`` are of this kind."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count that ends in ``expiry`` seconds; returns how much it is now."""


class Database:
    """Keeps counts in the database, each step in a short transaction of its own: a failed request counts too."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count that ends in ``expiry`` seconds; returns how much it is now."""
        ends_at = datetime.fromtimestamp(clock.now().timestamp() + expiry, UTC)
        with Session(self._engine) as own, own.begin():
            return guard.count(own, bytes.fromhex(key), ends_at, amount)


def storage(redis_url: str, engine: Engine) -> Storage:
    """Return Redis where there is one, else the database; Redis is given half a second for an answer."""
    if redis_url:
        return RedisStorage(redis_url, socket_timeout=0.5, socket_connect_timeout=0.5)
    return Database(engine)


class _Window:
    """One count: what all processes had when last asked, and what they do not know of yet."""

    __slots__ = ("ends_at", "known", "untold")

    def __init__(self, ends_at: int) -> None:
        self.ends_at, self.known, self.untold = ends_at, 0, 0


class Counts:
    """Counts how often something happens in windows of time that end for all processes at the same moment."""

    def __init__(self, storage: Storage, secret: bytes) -> None:
        self._storage, self._secret = storage, secret
        self._windows: dict[str, _Window] = {}
        self._lock = Lock()
        self._tidy_at = self._ask_at = 0.0

    def hit(self, what: str, limit: RateLimitItem, later: int = 0) -> bool:
        """Count one in this window, or in one so many ``later``; False when it is full."""
        ends_at = self.ends_at(limit, later)
        key = hmac.digest(self._secret, f"{what} {limit} {ends_at}".encode(), sha256)[:16].hex()
        with self._lock:
            window = self._window(key, ends_at)
            if window.known + window.untold >= limit.amount:
                return False
            window.untold += 1
            untold = window.untold
            if untold <= (limit.amount - 1) // _PART or clock.now().timestamp() < self._ask_at:
                return True
            window.known, window.untold = window.known + untold, 0
        known = self._tell(key, ends_at, untold)
        with self._lock:
            window.known = max(window.known, known)
        return known <= limit.amount

    @staticmethod
    def ends_at(limit: RateLimitItem, later: int = 0) -> int:
        """Return the second at which the window ends."""
        seconds = limit.get_expiry()
        return int((clock.now().timestamp() // seconds + 1 + later) * seconds)

    def _window(self, key: str, ends_at: int) -> _Window:
        """Return a window, and move it to the end of the line of those to be forgotten."""
        now = clock.now().timestamp()
        if now >= self._tidy_at:
            self._windows = {old: window for old, window in self._windows.items() if window.ends_at > now}
            self._tidy_at = now + 600
        window = self._windows.pop(key, None) or _Window(ends_at)
        self._windows[key] = window
        if len(self._windows) > _MOST:
            del self._windows[next(iter(self._windows))]
        return window

    def _tell(self, key: str, ends_at: int, hits: int) -> int:
        """Add to what all processes know and return it; when the storage is away, what this one knows must do."""
        expiry = max(1, round(ends_at - clock.now().timestamp()))
        try:
            return self._storage.incr(key, expiry, hits)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("counts_not_shared", reason=type(error).__name__)
            self._ask_at = clock.now().timestamp() + _ALONE
            return 0
