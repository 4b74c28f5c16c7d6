"""Who may ask for which pages: one of these stands under each blueprint."""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request

from petition.errors import NotAllowed, NotFound
from petition.http import current

View = TypeVar("View", bound=Callable[..., Any])

_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class FromAnotherOrigin(NotAllowed):
    """Raised for a form from elsewhere that may be sent again from here; ``shown`` are the fields a person typed."""

    def __init__(self, shown: tuple[str, ...]) -> None:
        super().__init__()
        self.shown = shown


def resendable(*shown: str) -> Callable[[View], View]:
    """Declare that a form posted to a view from another origin, as from a translation proxy, is not lost.

    It comes back on a page of ours that shows these fields, and a person sends it again. Only for forms that anybody
    may send from anywhere without a browser, so that a stranger's site gains nothing by it.
    """

    def declare(view: View) -> View:
        view.resendable = shown  # type: ignore[attr-defined]
        return view

    return declare


def same_origin_only() -> None:
    """Let everybody read; a change must come from our own pages, where the browser tells (Sec-Fetch-Site, Origin).

    Raises FromAnotherOrigin for what a view declares ``resendable``, NotAllowed otherwise. Pages with a secret in their
    address send no referrer and so the origin ``null``.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    ours = {request.host, urlsplit(current.settings().base_url).netloc}
    if (site and site not in {"same-origin", "none"}) or (origin != "null" and origin.partition("://")[2] not in ours):
        shown = getattr(current_app.view_functions.get(request.endpoint or ""), "resendable", None)
        raise FromAnotherOrigin(shown) if shown else NotAllowed


def demo_only() -> None:
    """Hide these pages outside the demo; raises NotFound."""
    if not current.settings().demo:
        raise NotFound
    same_origin_only()


def demo_on_this_machine() -> None:
    """Hide these pages outside the demo, and from other machines; raises NotFound."""
    if not _is_loopback():
        raise NotFound
    demo_only()


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
