"""How often one client may do something: a household, and the network around it.

The limits themselves stand beside what they protect, such as ``SIGN_LIMIT`` in ``web/abuse.py``.
"""

import hashlib
from typing import NamedTuple, cast

from flask import Flask, current_app, request
from limits import RateLimitItem, parse_many

from petition.errors import PetitionError
from petition.http.rate_counter import SharedCounter, Storage
from petition.lib import clock, ip_networks


class TooManyRequests(PetitionError):
    """Raised when a client asked too often; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class RateLimit(NamedTuple):
    """A limit under a name: the windows of one household, and those of the network around it."""

    name: str
    household: list[RateLimitItem]
    network: list[RateLimitItem]


def rate_limit(name: str, *, household: str, network: str) -> RateLimit:
    """Return a limit from the notation of ``limits``, such as ``60/10minutes;600/day``."""
    return RateLimit(name, parse_many(household), parse_many(network))


def init_app(app: Flask, storage: Storage) -> None:
    """Count requests in ``storage``, unless PETITION_RATE_LIMITS is off."""
    settings = app.config["PETITION"]
    secret = hashlib.sha256(b"petition.limits\0" + settings.secret_keys[-1].encode()).digest()
    app.extensions["rate_counter"] = SharedCounter(storage, secret) if settings.rate_limits == "on" else None


def counter() -> SharedCounter | None:
    """Return the counter of the app at hand; None when limits are off."""
    return cast("SharedCounter | None", current_app.extensions["rate_counter"])


def check(limit: RateLimit) -> None:
    """Count one request of the client; raises TooManyRequests. What is counted stays counted, whatever follows."""
    shared = counter()
    if shared is None:
        return
    clients = ip_networks.client_networks(request.remote_addr or "")
    for client, windows in zip(clients, (limit.household, limit.network), strict=True):
        for window in windows:
            if not shared.hit(f"{limit.name} {client}", window):
                raise TooManyRequests(shared.ends_at(window) - int(clock.now().timestamp()))


def check_thing(what: str, windows: list[RateLimitItem]) -> None:
    """Count one request about a thing, whoever asks; raises TooManyRequests."""
    shared = counter()
    for window in windows if shared else ():
        if shared and not shared.hit(what, window):
            raise TooManyRequests(shared.ends_at(window) - int(clock.now().timestamp()))
