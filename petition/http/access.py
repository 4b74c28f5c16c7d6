"""Who may ask for which pages: one of these stands under each blueprint."""

from hmac import compare_digest
from urllib.parse import urlsplit

from flask import request

from petition.errors import NotAllowed, NotFound
from petition.http import current

_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def same_origin_only() -> None:
    """Let everybody read; a change must come from our own pages, where the browser tells (Sec-Fetch-Site, Origin).

    Raises NotAllowed otherwise. Pages with a secret in their address send no referrer and so the origin ``null``.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    ours = {request.host, urlsplit(current.settings().base_url).netloc}
    if (site and site not in {"same-origin", "none"}) or (origin != "null" and origin.partition("://")[2] not in ours):
        raise NotAllowed


def demo_only() -> None:
    """Hide these pages outside the demo; raises NotFound."""
    if not current.settings().demo:
        raise NotFound
    same_origin_only()


def require_operator() -> None:
    """Let in who asks from this machine or brings the token of PETITION_METRICS_TOKEN; raises NotFound otherwise."""
    token = current.settings().metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    has_token = bool(token) and compare_digest(given.encode(), f"Bearer {token}".encode())
    if not has_token and not _is_loopback():
        raise NotFound


def _is_loopback() -> bool:
    """Whether a program on this machine asks directly; what came through a proxy never does, whatever it says."""
    address = request.remote_addr or ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return not is_forwarded and (address.startswith("127.") or address == "::1")
