"""Asks one host over HTTP, and never longer, more or elsewhere than it may."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Thread, Timer
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from petition.errors import PetitionError

# The reason of a request that was not made, because as many as may be are under way.
BUSY = "busy"

_CONNECT_SECONDS = 3.0
_REDIRECTS = 2
_CHUNK = 65_536


class RequestFailed(PetitionError):
    """Raised when there is no answer that can be used; ``reason`` is for operators and holds nothing that was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer(NamedTuple):
    """A response as it came: its status, its headers with lower-case names, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """GET requests to the host of ``base_url`` and to no other; at most ``most_at_once`` are under way.

    Certificates are checked against those of the system. Threads share it.
    """

    def __init__(self, base_url: str, *, most_at_once: int) -> None:
        url = urlsplit(base_url)
        self._base_url = base_url
        options: dict[str, Any] = {"maxsize": most_at_once, "retries": False}
        if url.scheme == "https":
            self._pool: HTTPConnectionPool = HTTPSConnectionPool(url.hostname or "", url.port, **options)
            self._pool.ConnectionCls = _Https
        else:
            self._pool = HTTPConnectionPool(url.hostname or "", url.port, **options)
            self._pool.ConnectionCls = _Http
        self._turns = BoundedSemaphore(most_at_once)

    def get(
        self,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float,
        most_bytes: int,
    ) -> Answer:
        """Return an answer whatever its status; all of it takes ``seconds`` at most, and ``most_bytes``.

        Redirects within the host are followed, twice at most. Raises RequestFailed.
        """
        if not self._turns.acquire(blocking=False):
            raise RequestFailed(BUSY)
        answer: Future[Answer] = Future()
        target = path + (f"?{urlencode(query)}" if query else "")
        # Neither looking up a name nor the sum of all time-outs has a limit, so somebody else waits for them.
        arguments = (answer, target, headers or {}, seconds, most_bytes)
        Thread(target=self._run, args=arguments, name="http-client", daemon=True).start()
        try:
            return answer.result(seconds)
        except TimeoutError:
            raise RequestFailed("time-out") from None

    def _run(
        self, answer: Future[Answer], target: str, headers: Mapping[str, str], seconds: float, most_bytes: int
    ) -> None:
        try:
            answer.set_result(self._follow(target, headers, time.monotonic() + seconds, most_bytes))
        except RequestFailed as failure:
            answer.set_exception(failure)
        except (HTTPError, OSError, ValueError) as error:
            answer.set_exception(RequestFailed(type(error).__name__))
        finally:
            self._turns.release()

    def _follow(self, target: str, headers: Mapping[str, str], deadline: float, most_bytes: int) -> Answer:
        for _hop in range(_REDIRECTS + 1):
            answer = self._ask(target, headers, deadline, most_bytes)
            if answer.status not in {301, 302, 303, 307, 308}:
                return answer
            target = self._redirected(target, answer.headers.get("location", ""))
        raise RequestFailed("too many redirects")

    def _redirected(self, target: str, location: str) -> str:
        """Return where a redirect leads on the same host; raises RequestFailed for any other."""
        url = urljoin(self._base_url + target, location)
        if not location or _origin(url) != _origin(self._base_url):
            raise RequestFailed("redirect to another host")
        parts = urlsplit(url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _ask(self, target: str, headers: Mapping[str, str], deadline: float, most_bytes: int) -> Answer:
        left = max(0.01, deadline - time.monotonic())
        response = self._pool.urlopen(
            "GET",
            target,
            headers={"Accept-Encoding": "identity", "User-Agent": "petition"} | dict(headers),
            timeout=Timeout(connect=min(left, _CONNECT_SECONDS), read=left),
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            body = _read(response, deadline, most_bytes)
        except RequestFailed:
            response.close()
            raise
        response.release_conn()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _read(response: Any, deadline: float, most_bytes: int) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > most_bytes:
            raise RequestFailed("too large")
        if time.monotonic() > deadline:
            raise RequestFailed("time-out")
    return bytes(body)


@contextmanager
def _cut_off(connection: HTTPConnection) -> Iterator[None]:
    """End a connection whose headers are not there in time: each byte of them would begin the time-out anew."""
    assert connection.sock is not None  # noqa: S101 - a request was sent on it
    timer = Timer(connection.timeout or 1.0, _end, [connection.sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


class _Http(HTTPConnection):
    """A connection that waits for headers no longer than for a byte."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with _cut_off(self):
            return super().getresponse()


class _Https(HTTPSConnection):
    """The same, encrypted."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        with _cut_off(self):
            return super().getresponse()
