"""What is stored of a session, and for how long."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from petition.lib import clock

# Without a request for so long a session ends; and after so long in any case.
IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=14)


class SessionRow(NamedTuple):
    """What is stored of a session; ``user_id`` is None until somebody signs in, ``fresh_at`` their last proof."""

    digest: bytes
    user_id: int | None
    content: dict[str, Any]
    device: str
    created_at: datetime
    last_seen_at: datetime
    fresh_at: datetime | None

    @property
    def is_alive(self) -> bool:
        """Whether it has neither been left alone for too long nor lived too long."""
        now = clock.now()
        return now - self.last_seen_at < IDLE and now - self.created_at < LIFETIME


def digest(secret: str) -> bytes:
    """Return the 32 bytes by which a random secret is known to the database."""
    return hashlib.sha256(secret.encode()).digest()
