"""Ends connections that keep the server waiting: neither WSGI nor Granian has a time limit for a body that is read."""

import os
import socket
import stat
import struct
from contextlib import suppress

# tcpi_last_data_sent in struct tcp_info of linux/tcp.h: after 8 bytes and 9 numbers of 32 bits, in milliseconds.
_LAST_DATA_SENT = struct.Struct("8x36xI")
_FDS = "/proc/self/fd"


def end_silent(port: int, seconds: float) -> int:
    """End each connection of this process to its own ``port`` over which nothing was sent for ``seconds``.

    Returns how many. Whoever sends a body for so long has got no answer for so long, however it trickles in. What reads
    from such a connection finds its end. Linux tells when something was sent; elsewhere nothing happens.
    """
    if not hasattr(socket, "TCP_INFO") or not os.path.isdir(_FDS):  # noqa: PTH112 - on the way of no request
        return 0
    ended = 0
    for name in os.listdir(_FDS):  # noqa: PTH208 - numbers, not paths
        # What was closed meanwhile, listens only, or is no socket of TCP is passed over.
        with suppress(OSError, struct.error):
            ended += _end(int(name), port, seconds)
    return ended


def _end(fd: int, port: int, seconds: float) -> bool:
    """End one connection; the number of the file stays its owner's.

    It is neither copied nor closed here: closing a copy would take away SQLite's locks on the same file.
    """
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        return False
    connection = socket.socket(fileno=fd)
    try:
        if connection.getsockname()[1:2] != (port,):
            return False
        connection.getpeername()
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_SENT.size)
        if _LAST_DATA_SENT.unpack(info)[0] < seconds * 1000:
            return False
        connection.shutdown(socket.SHUT_RDWR)
        return True
    finally:
        connection.detach()
