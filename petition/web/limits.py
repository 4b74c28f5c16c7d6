"""How often one network may do what costs us a letter."""

from ipaddress import ip_address, ip_network

from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from petition.errors import PetitionError

# Schools and libraries share one address, so these are wide; letters have limits of their own per mail address.
_LIMITS: dict[str, list[RateLimitItem]] = {
    "sign": parse_many("60/10minutes;600/day"),
    "find": parse_many("10/10minutes;50/day"),
}


class TooMany(PetitionError):
    """Raised when a network asked too often; ``retry_after`` is in seconds, the longest it can take."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def prepare(app: Flask) -> None:
    """Keep the counts in Redis where there is one, for all processes; else in this process."""
    settings = app.config["PETITION"]
    storage: Storage = RedisStorage(settings.redis_url) if settings.redis_url else MemoryStorage()
    app.extensions["limits"] = FixedWindowRateLimiter(storage) if settings.rate_limits == "on" else None


def check(name: str) -> None:
    """Count one request of the visitor's network; raises TooMany."""
    limiter: FixedWindowRateLimiter | None = current_app.extensions["limits"]
    if limiter is None:
        return
    for limit in _LIMITS[name]:
        if not limiter.hit(limit, name, network()):
            raise TooMany(limit.get_expiry())


def network() -> str:
    """Return the visitor's address, or the /64 that a home or phone has in IPv6."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - stands for "unknown" where there is no peer
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
