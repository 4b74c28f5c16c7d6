"""WSGI middleware: reads the body of a request before the app is kept busy, so that slow senders delay nobody."""

from collections.abc import Iterable
from io import BytesIO
from threading import BoundedSemaphore
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wsgi import get_content_length

# The server's threads in one process. So many of them may wait for bodies; the rest stays free for readers.
THREADS = 64
_MAX_READING = 48


class BufferRequestBody:
    """Reads a body of up to ``max_bytes`` whole, in at most 48 threads at once, and then hands the request on."""

    def __init__(self, app: WSGIApplication, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes
        self._reading = BoundedSemaphore(_MAX_READING)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 503 where too many bodies are waited for, 400 for one that is cut short; the app refuses long ones."""
        length = get_content_length(environ)
        if length == 0 or (length or 0) > self._max_bytes or not _has_body(environ):
            return self._app(environ, start_response)
        if not self._reading.acquire(blocking=False):
            return _refuse("503 Service Unavailable", "Too many unfinished requests. Please try again.", start_response)
        try:
            # One byte more than allowed is enough for the app to refuse it.
            body = _read(environ["wsgi.input"], self._max_bytes + 1 if length is None else length)
        finally:
            self._reading.release()
        if length and len(body) < length:
            return _refuse("400 Bad Request", "The request was cut short.", start_response)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._app(environ, start_response)


def _has_body(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"))


def _read(stream: InputStream, max_bytes: int) -> bytes:
    parts, rest = [], max_bytes
    while rest > 0 and (part := stream.read(rest)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)


def _refuse(status: str, sentence: str, start_response: StartResponse) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    start_response(status, [*headers, *([("Retry-After", "5")] if status.startswith("503") else [])])
    return [sentence.encode() + b"\n"]
