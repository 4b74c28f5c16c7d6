"""Answers public pages and counters before Flask does, from bytes that are made anew at most twice a second.

A page that everybody may keep is a function of its address alone, so one reader's page serves all others. Readers do
not wait: a page that gets old is made anew beside them. When that fails, because the database is away, the last one is
shown for ten minutes; the instant for which it is true stands in it.
"""

import gzip
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache
from queue import SimpleQueue
from threading import Event, Lock, Thread
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.test import create_environ, run_wsgi_app

from petition.lib import metrics
from petition.lib.languages import INTERFACE

# Seconds: a page is kept for so long, and made anew when half of that is over; static files change with a new version.
PAGE_LASTS = 1.0
FILE_LASTS = 60.0

# Seconds: what cannot be made anew is shown for so long, and is tried again after a pause; a reader waits no longer.
STALE_IF_ERROR = 600.0
PAUSE = 2.0
PATIENCE = 1.0

MOST_BYTES = 32 * 1024 * 1024
_WORTH_GZIP = 500

_PATHS = re.compile(
    r"/counters/[a-z0-9-]+\.(json|svg)"
    r"|/static/[\w-]+(/[\w-]+)*\.[\w.]+"
    rf"|/({'|'.join(INTERFACE)})/((calls|campaigns)/[a-z0-9-]+(/check-mail)?|privacy|accessibility)?",
    re.ASCII,
)
# What a page may depend on beside its path; whatever else stands in a query makes no other page.
_PARAMETERS = {"label", "lang", "style"}

Headers = list[tuple[str, str]]


class Page:
    """One answer, ready to be sent in each of its forms."""

    def __init__(self, status: str, headers: Headers, body: bytes) -> None:
        self.status, self.made_at, self.answers = status, time.monotonic(), 0
        self.answered_at = self.made_at
        names = {name.lower(): value for name, value in headers}
        control = names.get("cache-control", "")
        self.is_public = status.startswith("200") and control.startswith("public") and "set-cookie" not in names
        self.lasts = PAGE_LASTS if "max-age=1," in control else FILE_LASTS
        self.until = self.made_at + self.lasts
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"' if self.is_public else names.get("etag", "")
        dropped = {"content-length", "etag", "date", "vary"} if self.is_public else {"content-length", "date"}
        kept = [(name, value) for name, value in headers if name.lower() not in dropped]
        if self.is_public:
            kept += [("ETag", self.etag), ("Vary", "Accept-Encoding")]
        self.not_modified = kept
        self.plain = body, [*kept, ("Content-Length", str(len(body)))]
        self.zipped = self.plain
        if self.is_public and len(body) >= _WORTH_GZIP and _is_text(names.get("content-type", "")):
            small = gzip.compress(body, 6, mtime=0)
            self.zipped = small, [*kept, ("Content-Encoding", "gzip"), ("Content-Length", str(len(small)))]

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.plain[0]) + len(self.zipped[0])

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it in the form that this reader wants."""
        self.answers, self.answered_at = self.answers + 1, time.monotonic()
        if self.is_public and self.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 NOT MODIFIED", self.not_modified)
            return []
        body, headers = self.zipped if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") else self.plain
        start_response(self.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def note(self) -> None:
        """Let the metrics know how often it was sent; once, because that costs more than to send it."""
        of = "page" if self.lasts == PAGE_LASTS else "file"
        metrics.note_kept(of, self.answers, self.answered_at - self.made_at)


class Kept:
    """A WSGI application that keeps the public pages of another one, in bounded memory."""

    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        self._app, self._base_url = app, base_url
        self.pages: OrderedDict[str, Page] = OrderedDict()
        self.size = 0
        self._making: dict[str, Event] = {}
        self._wanted: SimpleQueue[str] = SimpleQueue()
        self._lock = Lock()
        self._maker: Thread | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from what is kept, or let the application answer."""
        address = None
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            address = address_of(environ["PATH_INFO"], environ.get("QUERY_STRING", ""))
        if address is None:
            return self._app(environ, start_response)
        page, now = self.pages.get(address), time.monotonic()
        if page is None:
            page = self._make(address)
        elif now >= page.until - page.lasts / 2:
            made = self._make_beside(address)
            if now >= page.until:
                page = self._wait(address, page, made)
        return page.answer(environ, start_response)

    def _wait(self, address: str, old: Page, made: Event) -> Page:
        """Return the page made anew; after a moment of patience the old one, if it is not too old."""
        made.wait(PATIENCE)
        page = self.pages.get(address)
        if page is old and time.monotonic() < old.made_at + STALE_IF_ERROR:
            old.until = time.monotonic() + PAUSE
            return old
        return page if page and page is not old else self._make(address)

    def _make_beside(self, address: str) -> Event:
        """Let the page be made anew beside the readers, once however many ask; returns what is set when it is there."""
        with self._lock:
            if address not in self._making:
                self._making[address] = Event()
                self._wanted.put(address)
            if self._maker is None or not self._maker.is_alive():
                self._maker = Thread(target=self._make_wanted, name="kept", daemon=True)
                self._maker.start()
            return self._making[address]

    def _make_wanted(self) -> None:
        while True:
            address = self._wanted.get()
            try:
                self._make(address)
            finally:
                with self._lock:
                    self._making.pop(address).set()

    def _make(self, address: str) -> Page:
        """Let the application answer a reader of whom nothing is known, and keep what everybody may keep."""
        environ = create_environ(address, self._base_url)
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        page = Page(status, headers.to_wsgi_list(), b"".join(body))
        old = self.pages.get(address)
        if page.is_public:
            self._keep(address, page)
        elif old and page.status < "500":
            self._drop(address)
        elif old and time.monotonic() < old.made_at + STALE_IF_ERROR:
            old.until = time.monotonic() + PAUSE
            return old
        return page

    def _keep(self, address: str, page: Page) -> None:
        self._drop(address)
        with self._lock:
            self.pages[address] = page
            self.size += page.size
            while self.size > MOST_BYTES:
                _address, dropped = self.pages.popitem(last=False)
                self.size -= dropped.size
                dropped.note()

    def _drop(self, address: str) -> None:
        with self._lock:
            if page := self.pages.pop(address, None):
                self.size -= page.size
                page.note()


@lru_cache(maxsize=4096)
def address_of(path: str, query: str) -> str | None:
    """Return the address under which a page is kept; None for one that is never kept."""
    if not _PATHS.fullmatch(path):
        return None
    known = sorted({name: value for name, value in parse_qsl(query) if name in _PARAMETERS}.items()) if query else []
    return f"{path}?{urlencode(known)}" if known else path


def _is_text(content_type: str) -> bool:
    return content_type.startswith("text/") or any(kind in content_type for kind in ("json", "svg", "javascript"))
