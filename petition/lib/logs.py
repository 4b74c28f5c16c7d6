"""Logs for people on a terminal and for programs elsewhere; never an address, a name or a link's token."""

import atexit
import logging
import sys
import time
from collections import deque
from contextlib import suppress
from threading import Event, Thread
from typing import TextIO, cast

import structlog

# For so many seconds a busy server gathers lines.
_GATHER = 0.1


def configure(*, gather: bool = False, quiet: bool = False) -> None:
    """Write one line per event to standard error: readable on a terminal, JSON elsewhere.

    ``gather`` writes the lines of a moment in one go, in a thread of its own: the threads of a busy server lose their
    turn with each line that they write. ``quiet`` leaves warnings and errors only.
    """
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Lines(sys.stderr)) if gather else sys.stderr),
        cache_logger_on_first_use=False,
    )


class _Lines:
    """Writes what it is given a moment later, and at the end of the process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._lines, self._has_some = stream, deque[str](), Event()
        Thread(target=self._write_all, name="logs", daemon=True).start()
        atexit.register(self._write_gathered)

    def write(self, text: str) -> None:
        self._lines.append(text)
        if not self._has_some.is_set():
            self._has_some.set()

    def flush(self) -> None:
        """Let lines wait, though they are complete."""

    def _write_all(self) -> None:
        while self._has_some.wait():
            time.sleep(_GATHER)
            self._has_some.clear()
            self._write_gathered()

    def _write_gathered(self) -> None:
        lines = []
        with suppress(IndexError):
            while True:
                lines.append(self._lines.popleft())
        # On a full disk these lines are lost; those that follow must neither be kept for ever nor go unwritten.
        with suppress(OSError):
            self._stream.write("".join(lines))
            self._stream.flush()
