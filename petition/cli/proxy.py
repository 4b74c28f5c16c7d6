"""Whether the proxies in front pass on who asks: the doctor asks the site from outside, with invented headers."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from petition.config import Settings
from petition.lib import tokens

# An address of documentation, which no visitor has.
INVENTED = "203.0.113.113"

_TIMEOUT = 5


class Unseen(Exception):
    """Raised when the site does not answer, so nothing can be said."""


class Seen(NamedTuple):
    """What arrived of the doctor's request, and how many proxies the site trusts."""

    scheme: str
    forwarded_for: list[str]
    trusted_proxies: int

    @property
    def proxies(self) -> int:
        """How many proxies added an address; the first may have replaced what was there before."""
        return (
            len(self.forwarded_for)
            - 1
            - max((place for place, address in enumerate(self.forwarded_for) if address == INVENTED), default=-1)
        )


def faults(settings: Settings) -> Iterator[str]:
    """Say what is wrong between the site and its visitors, one line each; raises Unseen."""
    answer = _ask(settings, "/readyz")
    if "seen" not in answer:
        yield (
            f"proxy: {settings.base_url} does not know this doctor: does it have another PETITION_SECRET_KEY, another"
            " version, or another time?"
        )
        return
    seen = Seen(**answer["seen"])
    yield from _hops(seen)
    scheme = urlsplit(settings.base_url).scheme
    if seen.scheme != scheme and seen.trusted_proxies <= seen.proxies:
        yield (
            f"proxy: the site takes {scheme}:// for {seen.scheme}://: the nearest proxy must set X-Forwarded-Proto"
            " to the scheme it was asked with, and PETITION_TRUSTED_PROXIES must be at least 1"
        )


def _hops(seen: Seen) -> Iterator[str]:
    found, trusted = seen.proxies, seen.trusted_proxies
    if trusted > found:
        effect = (
            "visitors can invent their address"
            if INVENTED in seen.forwarded_for
            else "all visitors have the address of the nearest proxy"
        )
        yield (
            f"proxy: PETITION_TRUSTED_PROXIES is too high: it is {trusted}, but {found} proxies set X-Forwarded-For,"
            f" so {effect}"
        )
    elif trusted < found:
        yield (
            f"proxy: PETITION_TRUSTED_PROXIES is too low: it is {trusted}, but {found} proxies set X-Forwarded-For,"
            " so all visitors have the address of a proxy and are limited together"
        )


def _ask(settings: Settings, path: str) -> dict[str, Any]:
    scheme = "http" if settings.base_url.startswith("https") else "https"
    headers = {
        "Petition-Doctor": tokens.make("doctor", ""),
        "X-Forwarded-For": INVENTED,
        "X-Forwarded-Proto": scheme,
        "User-Agent": "petition doctor",
    }
    # The address is the operator's own setting, which begins with http:// or https://.
    request = urllib.request.Request(settings.base_url + path, headers=headers)  # noqa: S310
    try:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                found = json.load(error)
    except (OSError, HTTPException, ValueError) as error:
        raise Unseen(type(error).__name__) from None
    return found if isinstance(found, dict) else {}
