"""WSGI middleware: in-process stale-while-revalidate cache of what views declare cacheable, for as long as they say.

A GET or HEAD is answered from bytes rendered for a reader of whom nothing is known. After half their ttl they are
refreshed in the background; after all of it a reader waits for that, at most REFRESH_TIMEOUT. While the app answers 5xx
the old ones are served, up to STALE_IF_ERROR. Memory is at most MAX_BYTES; the least recently used goes first. What all
answers depend on are the Conditions of the site: with others, all have expired.
"""

import gzip
import hashlib
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.test import create_environ, run_wsgi_app

from petition.http.cacheable import Cacheable, declaration
from petition.lib import metrics

# Seconds: the age up to which a response is served on errors, the pause between tries, and how long a reader waits.
STALE_IF_ERROR = 600.0
RETRY_DELAY = 2.0
REFRESH_TIMEOUT = 1.0

# All that is remembered: bodies plain and gzipped, headers, keys.
MAX_BYTES = 32 * 1024 * 1024
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
    """How the site stands: the same object while nothing changes; an answer is used for ``min_ttl`` at least."""

    @property
    def min_ttl(self) -> float:
        """Seconds."""


class _Unchanging:
    min_ttl = 0.0


_UNCHANGING = _Unchanging()


class CachedResponse:
    """One answer, ready to be sent in each of its forms, and the conditions under which it was rendered."""

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
        conditions: Conditions = _UNCHANGING,
    ) -> None:
        self.key, self.declared, self.conditions, self.status, self.hits = key, declared, conditions, status, 0
        self.rendered_at = self.last_hit_at = time.monotonic()
        self.expires_at = self.rendered_at + max(declared.ttl, conditions.min_ttl)
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


class PageCache:
    """The WSGI application in front of a Flask app; ``responses`` are in order of last use, ``size`` is in bytes."""

    def __init__(self, app: Flask, base_url: str, conditions: Callable[[], Conditions] = lambda: _UNCHANGING) -> None:
        self._conditions = conditions
        self._app, self._views, self._base_url = app.wsgi_app, app.view_functions, base_url
        self._urls = app.url_map.bind("")
        self.responses: OrderedDict[Key, CachedResponse] = OrderedDict()
        self.size = 0
        self._refreshing: dict[Key, Event] = {}
        self._queue: SimpleQueue[Key] = SimpleQueue()
        self._lock = Lock()
        self._refresher: Thread | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from the cache; the app answers other methods, ranges, and what no view declared cacheable."""
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or "HTTP_RANGE" in environ:
            return self._app(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        cached, now = self.responses.get((path, query)), time.monotonic()
        if cached is None:
            declared = self._declared(path)
            if declared is None:
                return self._app(environ, start_response)
            key = path, declared.canonical_query(query)
            cached = self.responses.get(key) or self._render(key, declared)
        if cached.conditions is not (conditions := self._conditions()):
            cached.conditions, cached.expires_at = conditions, min(cached.expires_at, now)
        if now >= cached.expires_at - cached.declared.ttl / 2:
            cached = self._refreshed(cached, now)
        try:  # noqa: SIM105 - suppress() would cost as much as the lookup
            self.responses.move_to_end(cached.key)
        except KeyError:
            pass  # It was dropped meanwhile, or is not public.
        return cached.send(environ, start_response)

    def _declared(self, path: str) -> Cacheable | None:
        """Return what the view of a path declares; only for what is cached anyway is that remembered."""
        if cached := self.responses.get((path, "")):
            return cached.declared
        if not path.isascii():
            return None
        try:
            endpoint, _values = self._urls.match(path, "GET")
        except HTTPException:
            return None
        return declaration(self._views[endpoint])

    def _refreshed(self, old: CachedResponse, now: float) -> CachedResponse:
        """Start a refresh; return the old response while its ttl lasts, then the new one as soon as it is there."""
        done = self._refresh_in_background(old.key)
        if now < old.expires_at:
            return old
        done.wait(REFRESH_TIMEOUT)
        new = self.responses.get(old.key)
        if new is old and self._retry_later(old):
            return old
        return new if new and new is not old else self._render(old.key, old.declared)

    def _refresh_in_background(self, key: Key) -> Event:
        """Queue a key once, however many ask for it; returns what is set when it is done."""
        with self._lock:
            if key not in self._refreshing:
                self._refreshing[key] = Event()
                self._queue.put(key)
            if self._refresher is None or not self._refresher.is_alive():
                self._refresher = Thread(target=self._refresh_queued, name="page-cache", daemon=True)
                self._refresher.start()
            return self._refreshing[key]

    def _refresh_queued(self) -> None:
        while True:
            key = self._queue.get()
            try:
                if old := self.responses.get(key):
                    self._render(key, old.declared)
            finally:
                with self._lock:
                    self._refreshing.pop(key).set()

    def _render(self, key: Key, declared: Cacheable) -> CachedResponse:
        """Let the app answer a reader of whom nothing is known; store what is public, return the old one on a 5xx."""
        conditions = self._conditions()
        path = {"PATH_INFO": key[0], "QUERY_STRING": key[1]}
        environ = create_environ(base_url=self._base_url, environ_overrides=path)
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        new = CachedResponse(key, declared, status, headers.to_wsgi_list(), b"".join(body), conditions=conditions)
        old = self.responses.get(key)
        if new.is_public:
            self._store(new)
        elif old and status < "500":
            with self._lock:
                if gone := self.responses.pop(key, None):
                    self._forget(gone)
        elif old and self._retry_later(old):
            return old
        return new

    def _retry_later(self, old: CachedResponse) -> bool:
        """Let a response that could not be refreshed last for a pause; returns whether it is young enough for that."""
        old.expires_at = time.monotonic() + RETRY_DELAY
        return time.monotonic() < old.rendered_at + STALE_IF_ERROR

    def _store(self, new: CachedResponse) -> None:
        """Put a response in the place of the old one, without a gap, and make room for it."""
        with self._lock:
            old = self.responses.get(new.key)
            self.responses[new.key] = new
            self.responses.move_to_end(new.key)
            self.size += new.size
            if old:
                self._forget(old)
            while self.size > MAX_BYTES:
                self._forget(self.responses.popitem(last=False)[1])

    def _forget(self, old: CachedResponse) -> None:
        self.size -= old.size
        old.record_metrics()


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
