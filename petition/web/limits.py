"""How often one network may do what costs us a letter, and how fast the letters for one domain leave."""

import hashlib
from datetime import UTC, datetime

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerHour, parse_many

from petition.errors import PetitionError
from petition.lib import addresses, clock, networks, providers
from petition.web.counts import Counts, storage

# For one household, then for the network around it. Schools, offices and the carriers of phones share one address, so
# these are wide; letters have limits of their own per mail address.
_LIMITS: dict[str, tuple[list[RateLimitItem], list[RateLimitItem]]] = {
    "sign": (parse_many("60/10minutes;600/day"), parse_many("1200/10minutes;12000/day")),
    "find": (parse_many("10/10minutes;50/day"), parse_many("100/10minutes;500/day")),
    "wait": (parse_many("10/10minutes;50/day"), parse_many("100/10minutes;500/day")),
}

# The most hours that a letter waits because too many go to its domain.
_LONGEST = 48


class TooMany(PetitionError):
    """Raised when a network asked too often; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def prepare(app: Flask) -> None:
    """Share the counts of requests with the other processes, in Redis where there is one, else in the database."""
    settings = app.config["PETITION"]
    secret = hashlib.sha256(b"petition.limits\0" + settings.secret_keys[-1].encode()).digest()
    counts = Counts(storage(settings.redis_url, app.extensions["engine"]), secret)
    app.extensions["limits"] = counts if settings.rate_limits == "on" else None


def check(name: str) -> None:
    """Count one request of the visitor's network; raises TooMany."""
    counts: Counts | None = current_app.extensions["limits"]
    if counts is None:
        return
    for network, limits in zip(networks.around(request.remote_addr or ""), _LIMITS[name], strict=True):
        for limit in limits:
            if not counts.hit(f"{name} {network}", limit):
                raise TooMany(counts.ends_at(limit) - int(clock.now().timestamp()))


def room_for_letter(email: str) -> datetime | None:
    """Return when a letter may leave, if very many go to its mail domain; None means at once.

    Nothing is refused. The great providers, to which most letters go, have no such limit.
    """
    counts: Counts | None = current_app.extensions["limits"]
    per_hour, domain = current_app.config["PETITION"].mail_per_domain_per_hour, addresses.domain(email)
    if counts is None or not per_hour or domain in providers.GREAT:
        return None
    limit = RateLimitItemPerHour(per_hour)
    hours = next((hour for hour in range(_LONGEST) if counts.hit(f"letters {domain}", limit, hour)), _LONGEST)
    return datetime.fromtimestamp(counts.ends_at(limit, hours - 1), UTC) if hours else None
