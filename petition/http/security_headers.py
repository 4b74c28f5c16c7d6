"""The headers of every response: what may be cached by whom, and what a page may load."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from flask import Response, g, request
from werkzeug.routing import RequestRedirect

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


def policy(changes: Mapping[str, str]) -> str:
    """Return the content policy of our pages with these directives beside or in the place of ours."""
    return "; ".join(f"{name} {value}" for name, value in {**_POLICY, **changes}.items())


# Chromium applies form-action to redirects too, and the Mastodon form answers with one to the person's own server.
_CSP, _CSP_SHARING = (
    ("Content-Security-Policy", policy(changes)) for changes in ({}, {"form-action": "'self' https:"})
)
_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
]
# A page that forbids what does not ask to be shown elsewhere can have ours in a frame.
_FRAMED = [("Cross-Origin-Embedder-Policy", "require-corp"), ("Cross-Origin-Resource-Policy", "cross-origin")]
_PRIVATE = [("Referrer-Policy", "no-referrer"), ("X-Robots-Tag", "noindex, nofollow")]
_PUBLIC = [("Referrer-Policy", "strict-origin-when-cross-origin")]
_ENCRYPTED = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]

# For an answer of the plumbing, which is a sentence and no page.
PLAIN = [
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    *_ALWAYS,
    *_PRIVATE,
    ("Cache-Control", "no-store"),
]


def add(response: Response) -> Response:
    """Add what protects readers.

    Whatever no view declared public by its Cache-Control, and each error, is told to no other site, found by no search
    engine and kept by nobody. Only a page that sets ``g.frame_ancestors`` is shown in frames, of the sites it names.
    """
    headers = response.headers
    if isinstance(request.routing_exception, RequestRedirect):
        # Werkzeug adds a missing slash by leading to the Host header, which anybody can forge; the path is enough.
        url = urlsplit(request.routing_exception.new_url)
        response.location = urlunsplit(("", "", url.path, url.query, ""))
        response.set_data("")
    if "frame_ancestors" in g:
        headers["Content-Security-Policy"] = policy({"frame-ancestors": g.frame_ancestors})
        headers.extend(_FRAMED)
    elif "Content-Security-Policy" not in headers:
        headers.extend([_CSP_SHARING if "has_sharing" in g else _CSP])
    if request.endpoint == "static":
        # Without it a frame of ours in a strict sandbox, which is no origin of ours, gets neither style nor script.
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers.extend(_ALWAYS)
    is_public = response.status_code < 400 and headers.get("Cache-Control", "").startswith("public")
    headers.extend(_PUBLIC if is_public else _PRIVATE)
    if request.is_secure:
        headers.extend(_ENCRYPTED)
    if not is_public:
        headers["Cache-Control"] = "no-store"
    return response
