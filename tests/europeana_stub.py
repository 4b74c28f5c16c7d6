"""The stub of the Europeana APIs with faults: whatever a server, a gateway or a line can do wrong."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from petition.cli.europeana_stub import KEY, Answers, EuropeanaStub
from petition.lib import europeana

__all__ = ["FAULTS", "KEY", "FaultyStub", "stub"]


class FaultyStub(EuropeanaStub):
    """The stub with one ``fault`` at a time, by name; ``asked`` holds the path and the headers of each request."""

    def __init__(self) -> None:
        super().__init__(handler=_Faulty)
        self.fault = ""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()

    def stop(self) -> None:
        """End, and whatever hangs with it."""
        self.released.set()
        self.shutdown()
        self.server_close()


class _Faulty(Answers):
    """Answers as the fault says."""

    server: FaultyStub

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.key = self.headers.get("X-Api-Key", "")
        FAULTS.get(self.server.fault, Answers.do_GET)(self)

    def raw(self, text: bytes) -> None:
        """Write what is no whole response, and close."""
        self.close_connection = True
        self.wfile.write(text)


def _status(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Callable[[Any], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def _hang(handler: _Faulty) -> None:
    handler.server.released.wait(30)
    handler.close_connection = True


def _drip(handler: _Faulty) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    _drops(handler, b" ")


def _drip_headers(handler: _Faulty) -> None:
    handler.raw(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _drops(handler, b"x")


def _drops(handler: _Faulty, drop: bytes) -> None:
    try:
        while not handler.server.released.wait(0.05):
            handler.wfile.write(drop)
    except OSError:
        pass


def _reset(handler: _Faulty) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


_LIMIT = b'{"code":"429_limit_personal","error":"Personal key client has reached the limit","message":"..."}'
FAULTS: dict[str, Callable[[Any], None]] = {
    "slow": _hang,
    "drip": _drip,
    "drip headers": _drip_headers,
    "reset": _reset,
    "429": _status(429, _LIMIT, RateLimit='"personal";r=0;t=1740', RateLimit_Policy='"personal";q=1000;w=3600'),
    "429 without headers": _status(429, _LIMIT),
    "401": _status(401, b'{"apikey":"x","success":false,"error":"Unauthorized","code":"invalid_apikey"}'),
    "400 for the key": _status(400, b'{"code":"401_key_disabled","error":"API key is disabled"}'),
    "403": _status(403, b'{"success":false,"code":"403_scope_missing"}'),
    "500": _status(500, b""),
    "503": _status(503, b'{"success":false,"error":"Search engine unreachable","code":"503-SA"}'),
    "page of a gateway": _status(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html"),
    "page with 200": _status(200, b"<html>Maintenance</html>", "text/html"),
    "broken JSON": _status(200, b'{"success":true,"items":[{"id":"/9999999/stu'),
    "deep JSON": _status(200, b"[" * 200_000),
    "list": _status(200, b"[1, 2]"),
    "no UTF-8": _status(200, b'{"items": "\xff\xfe"}'),
    "failure with 200": _status(200, b'{"success":false,"error":"?"}'),
    "huge": _status(200, b" " * 2_100_000),
    "redirect elsewhere": _status(302, b"", Location="http://169.254.169.254/latest/meta-data"),
    "redirect to another port": _status(302, b"", Location="http://127.0.0.1:1/"),
    "redirect to a file": _status(302, b"", Location="file:///etc/passwd"),
    "redirect for ever": _status(302, b"", Location="/record/search.json"),
    "redirect nowhere": _status(302, b""),
}


@pytest.fixture
def stub() -> Iterator[FaultyStub]:
    """Run the stub, and let the client of this process ask it; ``.fault = "slow"`` breaks it."""
    server = FaultyStub()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    europeana.configure(server.url, KEY)
    yield server
    server.stop()


def wait_until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    """Return once something is so."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
