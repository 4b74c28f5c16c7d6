"""WSGI middleware: in-process stale-while-revalidate cache of what views declare cacheable, for as long as they say.

A GET or HEAD is answered from bytes rendered for a reader of whom nothing is known. After half their ttl they are
refreshed in the background; after all of it a reader waits for that, at most REFRESH_TIMEOUT. While the app answers 5xx
the old ones are served, for as long as their view says with ``stale_if_error``. Memory is at most MAX_BYTES; the least
recently used goes first. What all answers depend on are the Conditions of the site: with others, all have expired.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Event, Lock, Thread
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import create_environ, run_wsgi_app

from petition.http.cacheable import Cacheable, declaration
from petition.http.cached_response import UNCHANGING, CachedResponse, Conditions, Key

# Seconds: the pause between tries while the app answers 5xx, and how long a reader waits.
RETRY_DELAY = 2.0
REFRESH_TIMEOUT = 1.0

# All that is remembered: bodies plain and gzipped, headers, keys.
MAX_BYTES = 32 * 1024 * 1024


class PageCache:
    """The WSGI application in front of a Flask app; ``responses`` are in order of last use, ``size`` is in bytes."""

    def __init__(self, app: Flask, base_url: str, conditions: Callable[[], Conditions] = lambda: UNCHANGING) -> None:
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
        """Let the app answer a reader of whom nothing is known; store what is public.

        On a 5xx it is the old response that is returned, or dropped when it is too old for that.
        """
        began, conditions = time.monotonic(), self._conditions()
        path = {"PATH_INFO": key[0], "QUERY_STRING": key[1]}
        environ = create_environ(base_url=self._base_url, environ_overrides=path)
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        answer = status, headers.to_wsgi_list(), b"".join(body)
        new = CachedResponse(key, declared, *answer, rendered_at=began, conditions=conditions)
        old = self.responses.get(key)
        if new.is_public:
            self._store(new)
        elif old and status >= "500" and self._retry_later(old):
            return old
        elif old:
            with self._lock:
                if gone := self.responses.pop(key, None):
                    self._forget(gone)
        return new

    def _retry_later(self, old: CachedResponse) -> bool:
        """Let a response that could not be refreshed last for a pause; returns whether its view lets it."""
        now = time.monotonic()
        old.expires_at = min(now + RETRY_DELAY, old.kept_until)
        return now < old.expires_at

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
