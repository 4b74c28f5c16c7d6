"""Connections that get no answer for long are ended, all others stay."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from petition.http.connections import end_silent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ONLY LINUX TELLS WHEN SOMETHING WAS SENT")

SECONDS = 0.4


@pytest.fixture
def pairs() -> Iterator[tuple[int, list[tuple[socket.socket, socket.socket]]]]:
    """Give a port of this process, and two connections to it: the visitor's side and ours."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        connected = []
        for _ in range(2):
            visitor = stack.enter_context(socket.create_connection(listening.getsockname(), timeout=5))
            connected.append((visitor, stack.enter_context(listening.accept()[0])))
        yield listening.getsockname()[1], connected


def test_who_trickles_is_ended_and_who_got_an_answer_stays(
    pairs: tuple[int, list[tuple[socket.socket, socket.socket]]],
) -> None:
    port, ((slow, ours), (good, answering)) = pairs
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        slow.send(b"a")
        time.sleep(SECONDS / 8)
    answering.send(b"answer")

    assert end_silent(port, SECONDS) == 1

    while ours.recv(100):
        pass
    assert good.recv(10) == b"answer"
    good.send(b"more")
    assert answering.recv(10) == b"more"


def test_connections_to_others_are_none_of_its_business(
    pairs: tuple[int, list[tuple[socket.socket, socket.socket]]],
) -> None:
    _port, ((_slow, ours), _good) = pairs
    time.sleep(SECONDS)

    assert end_silent(ours.getpeername()[1] + 1, SECONDS) == 0
