"""One answer of the page cache in the forms in which readers want it: plain, gzipped, or "you have it" (304)."""

import gzip
import hashlib
import re
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import Counter, Histogram
from werkzeug.http import parse_accept_header

from petition.http.cacheable import Cacheable
from petition.lib import metrics

# What the dictionary takes for one entry.
_ENTRY_BYTES = 200

_MIN_GZIP_BYTES = 500
_MAX_ACCEPT_ENCODING = 200
_OPAQUE_TAG = re.compile(r'"([^"]*)"')

hits = Counter(
    "petition_page_cache_hits",
    "Answers from the page cache, before the application.",
    ["ttl"],
    registry=metrics.REGISTRY,
)
age = Histogram(
    "petition_page_cache_age_seconds",
    "How old a cached response was when the last reader got it.",
    ["ttl"],
    buckets=(0.5, 1, 2, 5, 60, 600),
    registry=metrics.REGISTRY,
)

# The path and the canonical query.
Key = tuple[str, str]
Headers = list[tuple[str, str]]


class Conditions(Protocol):
    """How the site stands: the same object while nothing changes.

    An answer is used for ``min_ttl`` at least, unless its view forbids that anything is served past its ttl.
    """

    @property
    def min_ttl(self) -> float:
        """Seconds."""


class _Unchanging:
    min_ttl = 0.0


UNCHANGING = _Unchanging()


class CachedResponse:
    """One answer, ready to be sent in each of its forms, and the conditions under which it was rendered.

    It is as old as what it shows: its age counts from when its rendering began.
    """

    __slots__ = (
        "conditions",
        "declared",
        "expires_at",
        "gzipped",
        "hits",
        "is_public",
        "key",
        "last_hit_at",
        "not_modified",
        "plain",
        "rendered_at",
        "size",
        "status",
        "tag",
    )

    def __init__(
        self,
        key: Key,
        declared: Cacheable,
        status: str,
        headers: Headers,
        body: bytes,
        *,
        rendered_at: float,
        conditions: Conditions = UNCHANGING,
    ) -> None:
        self.key, self.declared, self.conditions, self.status, self.hits = key, declared, conditions, status, 0
        self.rendered_at = self.last_hit_at = rendered_at
        min_ttl = conditions.min_ttl if declared.stale_if_error else 0.0
        self.expires_at = rendered_at + max(declared.ttl, min_ttl)
        names = {name.lower(): value for name, value in headers}
        control = names.get("cache-control", "")
        self.is_public = status.startswith("200") and control.startswith("public") and "set-cookie" not in names
        self.tag = hashlib.sha256(body).hexdigest()[:20]
        dropped = {"content-length", "date"} | ({"etag", "vary"} if self.is_public else set())
        sent = [(name, value) for name, value in headers if name.lower() not in dropped]
        if self.is_public:
            sent += [("ETag", f'W/"{self.tag}"'), ("Vary", "Accept-Encoding")]
        self.not_modified = sent
        self.plain = self.gzipped = body, [*sent, ("Content-Length", str(len(body)))]
        if self.is_public and len(body) >= _MIN_GZIP_BYTES and _is_text(names.get("content-type", "")):
            small = gzip.compress(body, 6, mtime=0)
            self.gzipped = small, [*sent, ("Content-Encoding", "gzip"), ("Content-Length", str(len(small)))]
        self.size = _ENTRY_BYTES + _size_of([self, key, sent, self.plain, self.gzipped], set())

    @property
    def kept_until(self) -> float:
        """The instant after which it is not served, whatever fails."""
        return self.rendered_at + self.declared.ttl + self.declared.stale_if_error

    def send(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it in the form that this reader wants; a 304 to whom has it."""
        self.hits, self.last_hit_at = self.hits + 1, time.monotonic()
        if self.is_public and "HTTP_IF_NONE_MATCH" in environ and _matches(environ["HTTP_IF_NONE_MATCH"], self.tag):
            start_response("304 NOT MODIFIED", self.not_modified)
            return []
        body, headers = self.gzipped if accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")) else self.plain
        start_response(self.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def record_metrics(self) -> None:
        """Count how often it was sent; once for all, because that costs more than to send it."""
        if self.hits:
            ttl = f"{self.declared.ttl:g}"
            hits.labels(ttl).inc(self.hits)
            age.labels(ttl).observe(self.last_hit_at - self.rendered_at)


def accepts_gzip(header: str) -> bool:
    """Say whether Accept-Encoding prefers gzip to no coding at all (RFC 9110, section 12.5.3).

    A header longer than any browser's is taken for none.
    """
    return len(header) <= _MAX_ACCEPT_ENCODING and _prefers_gzip(header)


@lru_cache(maxsize=64)
def _prefers_gzip(header: str) -> bool:
    weights = dict(parse_accept_header(header.lower()))
    others = weights.get("*")
    coded, identity = weights.get("gzip", weights.get("x-gzip", others)), weights.get("identity", others)
    if coded is None:
        return identity == 0
    return coded > 0 and coded >= (identity or 0)


def _matches(header: str, tag: str) -> bool:
    """Say whether If-None-Match names a tag, by weak comparison (RFC 9110, section 13.1.2), in linear time."""
    return tag in _OPAQUE_TAG.findall(header) or header.strip() == "*"


def _is_text(content_type: str) -> bool:
    return content_type.startswith("text/") or any(kind in content_type for kind in ("json", "svg", "javascript"))


def _size_of(thing: object, seen: set[int]) -> int:
    """Return the bytes of an object and of all in its lists and tuples, each counted once."""
    if id(thing) in seen:
        return 0
    seen.add(id(thing))
    inner = thing if isinstance(thing, list | tuple) else ()
    return sys.getsizeof(thing) + sum(_size_of(part, seen) for part in inner)
