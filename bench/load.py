"""Load over HTTP: wrk as fast as it goes, and clients of our own that keep a pace or remember every answer."""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus, urlsplit

from bench import fixtures, processes

HERE = Path(__file__).parent
_FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@dataclass(frozen=True)
class Speed:
    """What wrk measured."""

    requests: int
    seconds: float
    bad_answers: int
    broken: int
    median: float

    @property
    def rate(self) -> float:
        """Requests a second, those that failed not counted."""
        return max(self.requests - self.bad_answers, 0) / self.seconds


class Answer(NamedTuple):
    """One answer: its status (0 when there was none), how long it took, what was asked, and when it came."""

    status: int
    seconds: float
    about: str
    at: float


def read(url: str, seconds: float, connections: int) -> Speed:
    """Ask for one address as fast as it goes."""
    return _wrk(url, seconds, connections, "get.lua")


def sign(url: str, seconds: float, connections: int, prefix: str) -> Speed:
    """Sign as fast as it goes, with addresses that begin with ``prefix``; ``url`` may be bare Flask too."""
    path = urlsplit(url).path
    return _wrk(url, seconds, connections, "sign.lua", path, quote_plus(fixtures.form_token()), prefix)


def post_each(url: str, seconds: float, connections: int, paths: Path) -> Speed:
    """Press the button of each mailed link of a file once, as fast as it goes."""
    return _wrk(url, seconds, connections, "paths.lua", str(paths), "POST", "2", fixtures.BUTTON)


def _wrk(url: str, seconds: float, connections: int, script: str, *arguments: str) -> Speed:
    command = [
        "wrk",
        "-t",
        "2",
        "-c",
        str(connections),
        "-d",
        f"{max(round(seconds), 1)}s",
        "--timeout",
        "10s",
        "-s",
        str(HERE / script),
        url,
    ]
    # From there the scripts require each other.
    ran = subprocess.run(
        [*command, "--", *arguments], cwd=HERE, capture_output=True, text=True, timeout=seconds + 60, check=True
    )
    numbers = ran.stdout.rpartition("RESULT ")[2].split()
    requests, microseconds, bad, broken, median = map(float, numbers)
    return Speed(int(requests), microseconds / 1e6, int(bad), int(broken), median / 1e6)


def sign_request(email: str, token: str, path: str = fixtures.SIGN) -> bytes:
    """Return the bytes of one sign-up."""
    fields = {"name": "Suzie Signer", "email": email, "country": "FR", "story": "", "consent": "y", "token": token}
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())
    return _post(path, body)


def post_request(path: str) -> bytes:
    """Return the bytes of pressing the one button of a mailed link."""
    return _post(path, fixtures.BUTTON)


def _post(path: str, body: str) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{_FORM}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def get_request(path: str) -> bytes:
    """Return the bytes of asking for a page."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class Visitor:
    """One connection that is kept, and opened again after it broke."""

    def __init__(self, port: int) -> None:
        self._port, self._reader, self._writer = port, None, None  # type: tuple[int, asyncio.StreamReader | None, asyncio.StreamWriter | None]
        self.body = b""

    async def ask(self, request: bytes, patience: float = 30) -> int:
        """Return the status, or 0 when no whole answer came; the body is in ``body``."""
        try:
            async with asyncio.timeout(patience):
                return await self._exchange(request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
            self.leave()
            return 0

    def leave(self) -> None:
        """Close the connection."""
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, request: bytes) -> int:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        self.body = await self._reader.readexactly(int(length or 0))
        if b"connection: close" in head:
            self.leave()
        return int(head[9:12])


async def paced(port: int, asks: Iterable[tuple[str, bytes]], rate: float, connections: int = 64) -> list[Answer]:
    """Ask at a steady pace whatever the answers do; time counts from the moment each was due."""
    queue: asyncio.Queue[tuple[float, str, bytes] | None] = asyncio.Queue()
    answers: list[Answer] = []

    async def visit() -> None:
        visitor = Visitor(port)
        while (job := await queue.get()) is not None:
            due, about, request = job
            status = await visitor.ask(request)
            answers.append(_answer(status, due, about))
        visitor.leave()

    visitors = [asyncio.create_task(visit()) for _ in range(connections)]
    began = time.monotonic()
    for number, (about, request) in enumerate(asks):
        due = began + number / rate
        if (early := due - time.monotonic()) > 0:
            await asyncio.sleep(early)
        queue.put_nowait((due, about, request))
    for _ in visitors:
        queue.put_nowait(None)
    await asyncio.gather(*visitors)
    return answers


async def crowd(port: int, asks: Iterator[tuple[str, bytes]], seconds: float, connections: int) -> list[Answer]:
    """Ask as fast as the answers come, over so many connections, for a while."""
    answers: list[Answer] = []
    until = time.monotonic() + seconds

    async def visit() -> None:
        visitor = Visitor(port)
        while (began := time.monotonic()) < until:
            about, request = next(asks)
            answers.append(_answer(await visitor.ask(request), began, about))
        visitor.leave()

    await asyncio.gather(*(visit() for _ in range(connections)))
    return answers


async def one_by_one(port: int, asks: Iterable[tuple[str, bytes]], patience: float = 30) -> list[Answer]:
    """Ask over one connection, each after the answer to the one before."""
    visitor, answers = Visitor(port), []
    for about, request in asks:
        began = time.monotonic()
        answers.append(_answer(await visitor.ask(request, patience), began, about))
    visitor.leave()
    return answers


async def beside(main: Awaitable[list[Answer]], *others: Callable[[asyncio.Event], Awaitable[None]]) -> list[Answer]:
    """Await the load with other work beside it, which is told to end when the load has ended."""
    over = asyncio.Event()
    tasks = [asyncio.ensure_future(other(over)) for other in others]
    try:
        return await main
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def pause(over: asyncio.Event, seconds: float) -> bool:
    """Wait, but not beyond the end; return whether it is over."""
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
    return over.is_set()


def _answer(status: int, began: float, about: str) -> Answer:
    now = time.monotonic()
    return Answer(status, now - began, about, now)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def has_wrk() -> bool:
    """Whether wrk is installed."""
    return bool(processes.program("wrk"))
