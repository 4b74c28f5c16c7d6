"""The worker's loop: letters as they fall due, and once an hour what is to be forgotten."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread, current_thread, main_thread

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from petition.db import session
from petition.domain import letters as outbox
from petition.jobs import guard, letters, retention, totals
from petition.lib import metrics

BATCH = 100
HOUR = 3600.0

_IDLE = 1.0
_LONGEST_PAUSE = 10.0

log = structlog.get_logger()


def run(app: Flask, *, once: bool = False, stop: Event | None = None) -> dict[str, int]:
    """Work until SIGTERM, SIGINT or ``stop``; ``once``: until nothing is due. Returns how much of what was done.

    A database or a mail server that is away is waited for. With ``once`` the database raises, and ``left`` counts the
    letters that are due and could not go out.
    """
    stop, counts = stop or Event(), Counter[str]()
    with _stopped_by_signals(stop):
        log.info("worker_started", once=once)
        (_work_off if once else _work)(app, stop, counts)
        log.info("worker_stopped", **counts)
    return dict(counts)


def _work_off(app: Flask, stop: Event, counts: Counter[str]) -> None:
    with app.app_context():
        while not stop.is_set():
            done = _send(app, stop, counts)
            if done.fault or not done.taken:
                break
        _tidy(stop, counts)
        counts["left"] = outbox.count_due(session)


def _work(app: Flask, stop: Event, counts: Counter[str]) -> None:
    outages, tidy_at, failures = _Outages(), 0.0, 0
    while not stop.is_set():
        done = None
        try:
            with app.app_context():
                done = _send(app, stop, counts)
                if time.monotonic() >= tidy_at:
                    _tidy(stop, counts)
                    tidy_at = time.monotonic() + HOUR
            outages.note("database", "")
        except SQLAlchemyError as error:
            outages.note("database", _cause(error))
        if done and done.taken:
            outages.note("mail", done.fault)
        failures = failures + 1 if outages.are_on else 0
        if failures:
            stop.wait(min(2.0 ** min(failures - 1, 9), _LONGEST_PAUSE))
        elif done is None or done.taken < BATCH:
            stop.wait(_IDLE)


def _send(app: Flask, stop: Event, counts: Counter[str]) -> letters.Round:
    done = letters.send(session, app.config["PETITION"], BATCH, stop)
    if done.taken:
        log.info("letters", **done.counts)
    metrics.note_letters(done.counts)
    counts.update(done.counts)
    counts.pop("left", None)
    return done


def _tidy(stop: Event, counts: Counter[str]) -> None:
    for job in (*retention.JOBS, guard.forget_counts):
        forgotten = retention.LIMIT
        while forgotten >= retention.LIMIT and not stop.is_set():
            forgotten = job(session)
            counts[job.__name__] += forgotten
    counts["drift"] = totals.report_drift(session)
    log.info("retention", **{job.__name__: counts[job.__name__] for job in retention.JOBS})


class _Outages:
    """Says once that something is away, and once that it is back."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    @property
    def are_on(self) -> bool:
        """Whether something is away."""
        return bool(self._known)

    def note(self, what: str, reason: str) -> None:
        """Note how something was found; no ``reason`` means well."""
        if reason and what not in self._known:
            log.warning("outage_began", of=what, reason=reason)
            self._known.add(what)
        elif not reason and what in self._known:
            log.info("outage_ended", of=what)
            self._known.remove(what)


def _cause(error: SQLAlchemyError) -> str:
    """Return what the database said; only where it speaks of itself, not of values."""
    name = type(error).__name__
    return f"{name}: {error.orig}".splitlines()[0] if isinstance(error, OperationalError) else name


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set ``stop``; what is in flight is finished."""
    if current_thread() is not main_thread():
        yield
        return
    # A handler interrupts the main thread, which may just hold the lock of the event; so another thread sets it.
    before = {
        number: signal.signal(number, lambda *_: Thread(target=stop.set).start())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
