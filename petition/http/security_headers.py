"""The headers of every response: what may be cached by whom, and what a page may load."""

from flask import Response, g, request

_POLICY = {
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
_SHARING = _POLICY | {"form-action": "'self' https:"}

_CSP, _CSP_SHARING = (
    ("Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items()))
    for policy in (_POLICY, _SHARING)
)
_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
]
_SECRET = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")]
_OPEN = [("Referrer-Policy", "strict-origin-when-cross-origin")]
_ENCRYPTED = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]


def add(response: Response) -> Response:
    """Add what protects readers; what no view declared cacheable is ``no-store``."""
    headers = response.headers
    headers.extend([_CSP_SHARING if "has_sharing" in g else _CSP, *_ALWAYS])
    headers.extend(_SECRET if "token" in (request.view_args or {}) else _OPEN)
    if request.is_secure:
        headers.extend(_ENCRYPTED)
    location = response.location or ""
    # Our own redirects are paths; Werkzeug adds a missing slash by leading to the Host header, which anybody can forge.
    if not location.startswith("/") and location.startswith(request.host_url):
        response.location = location.removeprefix(request.host_url.rstrip("/"))
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
