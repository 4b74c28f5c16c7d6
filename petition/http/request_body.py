"""WSGI middleware: reads the body of a request before the app is kept busy, so that slow senders delay nobody."""

import time
from collections.abc import Iterable
from io import BytesIO
from threading import BoundedSemaphore, Lock, Thread, get_ident
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import get_content_length

from petition.http import security_headers
from petition.http.connections import end_silent
from petition.lib import ip_networks

# One household may let so many bodies wait at once; complete ones are read in less than a millisecond.
MAX_PER_HOUSEHOLD = 12

# A body that is not complete so many seconds after its headers never will be.
DEADLINE = 20.0
_CHECK_EVERY = 1.0


def threads(*, is_behind_proxy: bool) -> int:
    """Return how many threads a process needs: bodies wait in them, unless a proxy hands on complete requests only."""
    return 4 if is_behind_proxy else 64


class BufferRequestBody:
    """Reads a body of up to ``max_bytes`` whole, in some of the threads at once, and then hands the request on.

    Without a proxy in front, 16 threads stay free for readers, one household gets a quarter of the others, and
    connections whose bodies take longer than DEADLINE are ended.
    """

    def __init__(self, app: WSGIApplication, max_bytes: int, *, is_behind_proxy: bool) -> None:
        self._app, self._max_bytes = app, max_bytes
        self.max_reading = threads(is_behind_proxy=is_behind_proxy) - (0 if is_behind_proxy else 16)
        self._slots = BoundedSemaphore(self.max_reading)
        # By thread: the household, and when its body began.
        self._reading: dict[int, tuple[str, float]] = {}
        self._watcher: Thread | None = None
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 411 without a length, 503 where too many bodies are waited for, 400 for one that is cut short.

        The app refuses long ones. A body in chunks has no length, and the server does not tell its end from a cut.
        """
        if "HTTP_TRANSFER_ENCODING" in environ:
            return _refuse("411 Length Required", "Please say how long the request is.", start_response)
        length = get_content_length(environ) or 0
        if length == 0 or length > self._max_bytes:
            return self._app(environ, start_response)
        household = ip_networks.client_networks(environ.get("REMOTE_ADDR", ""))[0]
        if self._has_many(household) or not self._slots.acquire(blocking=False):
            return _refuse("503 Service Unavailable", "Too many unfinished requests. Please try again.", start_response)
        try:
            self._watch(int(environ["SERVER_PORT"]))
            self._reading[get_ident()] = household, time.monotonic()
            body = _read(environ["wsgi.input"], length)
        finally:
            self._reading.pop(get_ident(), None)
            self._slots.release()
        if len(body) < length:
            return _refuse("400 Bad Request", "The request was cut short.", start_response)
        environ["wsgi.input"] = BytesIO(body)
        return self._app(environ, start_response)

    def _has_many(self, household: str) -> bool:
        return [other for other, _began in list(self._reading.values())].count(household) >= MAX_PER_HOUSEHOLD

    def _watch(self, port: int) -> None:
        if self._watcher is None:
            with self._lock:
                if self._watcher is None:
                    self._watcher = Thread(target=self._end_late, args=(port,), name="request-bodies", daemon=True)
                    self._watcher.start()

    def _end_late(self, port: int) -> None:
        while True:
            time.sleep(_CHECK_EVERY)
            if any(began < time.monotonic() - DEADLINE for _household, began in list(self._reading.values())):
                end_silent(port, DEADLINE)


def _read(stream: InputStream, length: int) -> bytes:
    parts, rest = [], length
    while rest > 0 and (part := stream.read(rest)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)


def _refuse(status: str, sentence: str, start_response: StartResponse) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), *security_headers.PLAIN]
    start_response(status, [*headers, *([("Retry-After", "5")] if status.startswith("503") else [])])
    return [sentence.encode() + b"\n"]
