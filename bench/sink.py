"""A small mail server that takes every letter and notes to whom: one line a recipient in a file."""

import asyncio
import sys
from pathlib import Path
from typing import TextIO

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Sink(asyncio.Protocol):
    """One connection; it understands pipelined commands."""

    def __init__(self, log: TextIO) -> None:
        self._log, self._buffer, self._in_letter, self._recipients = log, b"", False, list[str]()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers = b""
        while True:
            end = b"\r\n.\r\n" if self._in_letter else b"\r\n"
            line, found, rest = self._buffer.partition(end)
            if not found:
                break
            self._buffer = rest
            answers += self._received() if self._in_letter else self._command(line)
        self._transport.write(answers)

    def _received(self) -> bytes:
        self._in_letter = False
        self._log.write("".join(f"{recipient}\n" for recipient in self._recipients))
        self._log.flush()
        self._recipients.clear()
        return b"250 taken\r\n"

    def _command(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._recipients.append(line.partition(b"<")[2].partition(b">")[0].decode().lower())
        self._in_letter = verb == b"DATA"
        return _ANSWERS.get(verb, b"250 well\r\n")


async def main(port: int, log: TextIO) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: Sink(log), "127.0.0.1", port, backlog=256)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a") as file:
        asyncio.run(main(int(sys.argv[1]), file))
