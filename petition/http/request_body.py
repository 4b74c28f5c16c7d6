"""WSGI middleware: reads the body of a request before the app is kept busy, so that slow senders delay nobody.

Bodies are small. A longer one is left to the app, which says with ``admit`` whose it takes, and on which paths.
"""

import re
import time
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Lock, Thread, get_ident
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import current_app, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wsgi import get_content_length

from petition.errors import Overloaded
from petition.http import security_headers
from petition.http.connections import end_silent
from petition.lib import ip_networks

# One household may let so many bodies wait at once; complete ones are read in less than a millisecond.
MAX_PER_HOUSEHOLD = 12

# A body that is not complete so many seconds after its headers never will be.
DEADLINE = 20.0
_CHECK_EVERY = 1.0
# A long one is given a second more for so many bytes.
_BYTES_PER_SECOND = 128 * 1024

# Of a body so much is in memory, the rest in a file without a name; and so much of it may be text.
IN_MEMORY = 64 * 1024
MAX_TEXT = 512 * 1024

_TAKE_IN = "petition.take_in"


def threads(*, is_behind_proxy: bool) -> int:
    """Return how many threads a process needs: bodies wait in them, unless a proxy hands on complete requests only."""
    return 4 if is_behind_proxy else 64


class TooManyBodies(Overloaded):
    """Raised when too many unfinished bodies are waited for."""


def admit(*, is_trusted: bool) -> None:
    """Take in a body of more than MAX_CONTENT_LENGTH where BODY_LIMITS allows its path one, if its sender is trusted.

    BODY_LIMITS maps patterns of whole paths to numbers of bytes; the first that matches counts. To be called before
    anything of the body is read. Raises RequestEntityTooLarge, having read nothing, for what is longer or a stranger's;
    TooManyBodies and ClientDisconnected as for all bodies.
    """
    length = request.content_length or 0
    if length <= current_app.config["MAX_CONTENT_LENGTH"]:
        return
    limits = current_app.config["BODY_LIMITS"].items() if is_trusted else ()
    limit = next((limit for pattern, limit in limits if re.fullmatch(pattern, request.path)), 0)
    if length > limit:
        raise RequestEntityTooLarge
    request.environ[_TAKE_IN](request.environ, length)
    request.max_content_length, request.max_form_memory_size = limit, min(limit, MAX_TEXT)


class BufferRequestBody:
    """Reads a body of up to ``max_bytes`` whole, in some of the threads at once, and then hands the request on.

    Without a proxy in front, 16 threads stay free for readers, one household gets a quarter of the others, and
    connections whose bodies take longer than DEADLINE are ended.
    """

    def __init__(self, app: WSGIApplication, max_bytes: int, *, is_behind_proxy: bool) -> None:
        self._app, self._max_bytes = app, max_bytes
        self.max_reading = threads(is_behind_proxy=is_behind_proxy) - (0 if is_behind_proxy else 16)
        self._slots = BoundedSemaphore(self.max_reading)
        # By thread: the household, when its body began, and how many seconds it may take.
        self._reading: dict[int, tuple[str, float, float]] = {}
        self._watcher: Thread | None = None
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 411 without a length, 503 where too many bodies are waited for, 400 for one that is cut short.

        The app refuses or admits long ones. A body in chunks has no length, and the server does not tell its end from a
        cut.
        """
        if "HTTP_TRANSFER_ENCODING" in environ:
            return _refuse("411 Length Required", "Please say how long the request is.", start_response)
        length = get_content_length(environ) or 0
        if length > self._max_bytes:
            environ[_TAKE_IN] = self._take_in
        elif length:
            try:
                self._take_in(environ, length)
            except TooManyBodies:
                return _refuse(
                    "503 Service Unavailable", "Too many unfinished requests. Please try again.", start_response
                )
            except ClientDisconnected:
                return _refuse("400 Bad Request", "The request was cut short.", start_response)
        try:
            return self._app(environ, start_response)
        finally:
            if isinstance(environ["wsgi.input"], SpooledTemporaryFile):
                environ["wsgi.input"].close()

    def _take_in(self, environ: WSGIEnvironment, length: int) -> None:
        """Read a body in one of the slots; raises TooManyBodies, or ClientDisconnected for one that is cut short."""
        household = ip_networks.client_networks(environ.get("REMOTE_ADDR", ""))[0]
        if self._has_many(household) or not self._slots.acquire(blocking=False):
            raise TooManyBodies
        try:
            seconds = DEADLINE + max(0, length - self._max_bytes) / _BYTES_PER_SECOND
            self._reading[get_ident()] = household, time.monotonic(), seconds
            self._watch(int(environ["SERVER_PORT"]))
            environ["wsgi.input"] = _read(environ, length)
        finally:
            self._reading.pop(get_ident(), None)
            self._slots.release()

    def _has_many(self, household: str) -> bool:
        return [other for other, *_times in list(self._reading.values())].count(household) >= MAX_PER_HOUSEHOLD

    def _watch(self, port: int) -> None:
        with self._lock:
            if self._watcher is None:
                self._watcher = Thread(target=self._end_late, args=(port,), name="request-bodies", daemon=True)
                self._watcher.start()

    def _end_late(self, port: int) -> None:
        while True:
            time.sleep(_CHECK_EVERY)
            with self._lock:
                reading = list(self._reading.values())
                if not reading:
                    self._watcher = None
                    return
            if any(began < time.monotonic() - seconds for _household, began, seconds in reading):
                # Which connection is whose is not known here, so the most patient counts.
                end_silent(port, max(seconds for *_who, seconds in reading))


def _read(environ: WSGIEnvironment, length: int) -> SpooledTemporaryFile[bytes]:
    body, stream, rest = SpooledTemporaryFile[bytes](IN_MEMORY), environ["wsgi.input"], length
    while rest > 0 and (part := stream.read(min(rest, IN_MEMORY))):
        body.write(part)
        rest -= len(part)
    if rest:
        body.close()
        raise ClientDisconnected
    body.seek(0)
    return body


def _refuse(status: str, sentence: str, start_response: StartResponse) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), *security_headers.PLAIN]
    start_response(status, [*headers, *([("Retry-After", "5")] if status.startswith("503") else [])])
    return [sentence.encode() + b"\n"]
