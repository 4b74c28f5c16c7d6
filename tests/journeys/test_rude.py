"""The real server among senders who do not finish what they began, or do not speak HTTP."""

import re
import socket
import time
import urllib.request
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from tests.servers import Running

FORM = b"Host: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /en/my-signatures HTTP/1.1\r\n" + FORM


def connect(running: Running, source: str = "127.0.0.1") -> socket.socket:
    address = urlsplit(running.url)
    return socket.create_connection((address.hostname, address.port), timeout=10, source_address=(source, 0))


def test_forty_half_sent_forms_keep_nobody_waiting(demo: Running) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(demo)).sendall(POST + b"Content-Length: 5000\r\n\r\nemail=half")
        began = time.monotonic()
        for _ in range(10):
            with urllib.request.urlopen(demo.url + "/en/calls/keep-culture-open", timeout=10) as answer:
                assert answer.status == 200
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (POST + b"Content-Length: 10000000000\r\n\r\nemail=a", [413]),
        (POST + b"Content-Length: 1_0\r\n\r\n0123456789", [400]),
        (POST + b"Content-Length: -1\r\n\r\n", [400]),
        (POST + b"Content-Length: 7\r\nContent-Length: 6\r\n\r\nemail=a", [400]),
        (POST + b"Content-Length: 5\r\n\r\nemail=and-junk", [422]),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n7\r\nemail=a\r\n0\r\n\r\n", [411]),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nemail=a\r\n0\r\n\r\n", [411]),
        (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", [400]),
        (POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n", [411]),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\x00\xffjunk\r\n\r\n", [200, 400]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []),
        (b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", [400]),
        (b"\x16\x03\x01\x00\xa5\r\n\r\n", [400]),
    ],
)
def test_what_is_not_http_gets_a_clear_answer(demo: Running, sent: bytes, statuses: list[int]) -> None:
    with connect(demo) as connection:
        connection.sendall(sent)

        assert answers(connection) == statuses


def test_a_form_that_is_cut_short_is_not_taken_for_the_whole(demo: Running) -> None:
    with connect(demo) as connection:
        connection.sendall(POST + b"Content-Length: 400\r\n\r\nemail=suzie@example.or")
        connection.shutdown(socket.SHUT_WR)

        assert answers(connection) == [400]


def test_a_form_that_is_cut_in_the_middle_of_its_chunks_is_refused(demo: Running) -> None:
    with connect(demo) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n20\r\nemail=suzie@example.or")
        connection.shutdown(socket.SHUT_WR)

        assert answers(connection) == [411]


def test_sixty_half_sent_forms_of_one_address_stop_nobody_elses(demo: Running) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            sender = stack.enter_context(connect(demo, "127.0.0.2"))
            sender.sendall(POST + b"Content-Length: 60000\r\n\r\nemail=half")
        time.sleep(0.5)

        assert send_form(demo) == 422


def test_sixty_senders_who_trickle_for_ever_stop_forms_for_twenty_seconds_at_most(demo: Running) -> None:
    with ExitStack() as stack:
        senders = [stack.enter_context(connect(demo, f"127.0.0.{2 + number // 10}")) for number in range(60)]
        for sender in senders:
            sender.sendall(POST + b"Content-Length: 60000\r\n\r\nemail=half")
        began, statuses = time.monotonic(), list[int]()
        while 422 not in statuses and time.monotonic() < began + 40:
            time.sleep(1)
            for sender in senders:
                with suppress(OSError):
                    sender.send(b"a")
            statuses.append(send_form(demo))

        assert statuses[0] == 503
        assert statuses[-1] == 422
        assert time.monotonic() - began < 30


def send_form(demo: Running) -> int:
    """Send a whole form, and return the status of the answer."""
    with connect(demo) as connection:
        connection.sendall(POST + b"Content-Length: 7\r\n\r\nemail=a")
        return answers(connection)[0]


def answers(connection: socket.socket) -> list[int]:
    """Return the status of each answer until the server closes the connection."""
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    return [int(status) for status in re.findall(rb"^HTTP/1.1 (\d{3})", received, re.MULTILINE)]
