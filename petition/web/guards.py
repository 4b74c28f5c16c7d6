"""Who may see which pages."""

from hmac import compare_digest
from urllib.parse import urlsplit

from flask import current_app, request

from petition.errors import NotAllowed, NotFound

_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def public() -> None:
    """Let everybody in; a change must come from our own pages, where the browser tells.

    Raises NotAllowed otherwise. Pages with a secret in their address send no referrer and so the origin ``null``.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    ours = {request.host, urlsplit(current_app.config["PETITION"].base_url).netloc}
    if (site and site not in {"same-origin", "none"}) or (origin != "null" and origin.partition("://")[2] not in ours):
        raise NotAllowed


def demo_only() -> None:
    """Hide these pages outside the demo; raises NotFound."""
    if not current_app.config["PETITION"].demo:
        raise NotFound
    public()


def operators() -> None:
    """Let in who asks from this machine or brings the token of PETITION_METRICS_TOKEN; raises NotFound otherwise."""
    token = current_app.config["PETITION"].metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "")
    has_token = bool(token) and compare_digest(given.encode(), f"Bearer {token}".encode())
    if not has_token and not _is_from_this_machine():
        raise NotFound


def _is_from_this_machine() -> bool:
    """Whether nobody stands between us and a program here; what came through a proxy never is, whatever it says."""
    address = request.remote_addr or ""
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    return not is_forwarded and (address.startswith("127.") or address == "::1")
