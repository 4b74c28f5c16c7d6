"""The headers of every answer: what may be kept by whom, and what a page may load."""

from flask import Response, g, request

_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

# Chromium applies form-action to redirects too, and the Mastodon form answers with one to the person's own server.
_SHARING = _CSP | {"form-action": "'self' https:"}

# A page that holds a total is at most two seconds old: one in the cache, one while it is fetched anew.
PUBLIC = "public, max-age=1, stale-while-revalidate=1, stale-if-error=600"
HOURLY = "public, max-age=3600, stale-if-error=86400"
LASTING = "public, max-age=31536000, immutable"


def secure(response: Response) -> Response:
    """Add what protects readers; a page that nobody declared public is kept by nobody and told to nobody."""
    csp = _SHARING if g.get("has_sharing") else _CSP
    headers = response.headers
    headers.setdefault("Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in csp.items()))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.location and response.location.startswith(request.host_url):
        # Werkzeug adds a missing slash by leading to the Host header, which anybody can forge.
        response.location = response.location.removeprefix(request.host_url.rstrip("/"))
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if "token" in (request.view_args or {}):
        headers["Referrer-Policy"], headers["X-Robots-Tag"] = "no-referrer", "noindex, nofollow"
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    return response


def public(response: Response, control: str = PUBLIC) -> Response:
    """Let everybody keep an answer for a moment, and ask again by its ETag."""
    response.headers["Cache-Control"] = control
    response.add_etag()
    response.make_conditional(request)
    return response
