"""Who may see which pages."""

from urllib.parse import urlsplit

from flask import current_app, request

from petition.errors import NotAllowed, NotFound

_SAFE = {"GET", "HEAD", "OPTIONS"}


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
