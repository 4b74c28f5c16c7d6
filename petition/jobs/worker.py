"""The worker's loop: letters as they fall due, and once an hour what is to be forgotten."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from math import inf
from threading import Event, Thread, current_thread, main_thread

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from petition.config import Settings
from petition.db import session
from petition.domain import letters as outbox
from petition.jobs import guard, letters, mail, retention, totals
from petition.lib import clock, metrics

HOUR = 3600.0

_IDLE = 1.0
_LONGEST_PAUSE = 10.0
# For so long several connections send before the rest of the work gets its turn.
_RUSH = 10.0
# A clock that is corrected by less than so many seconds is not worth a look.
_LEAP = 1.0

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
    out = _Out(app, stop, counts)
    with app.app_context():
        while not stop.is_set():
            done = out.send()
            if done.fault or not done.taken:
                break
        _tidy(stop, counts)
        counts["left"] = outbox.count_due(session)


def _work(app: Flask, stop: Event, counts: Counter[str]) -> None:
    out, outages, tidy_at, failures = _Out(app, stop, counts), _Outages(), 0.0, 0
    while not stop.is_set():
        done = None
        try:
            with app.app_context():
                done = out.send()
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
        elif done is None or done.taken < out.share:
            stop.wait(_IDLE)


class _Out:
    """The way out for letters: one connection, or several side by side while there is more than one takes at once."""

    def __init__(self, app: Flask, stop: Event, counts: Counter[str]) -> None:
        self._app, self._stop, self._counts = app, stop, counts
        self._settings: Settings = app.config["PETITION"]
        self._pace = letters.Pace(self._settings.mail_rate)
        self.share = letters.share(self._settings)
        self._clock = inf

    def send(self) -> letters.Round:
        """Send what is due, for some seconds at most; returns the first round, whose fault is that of the server."""
        self._mind_the_clock()
        done = letters.send(session, self._settings, self.share, self._stop, pace=self._pace)
        self._note([done])
        # What all may send in a minute is counted before it is taken, so there one connection takes after the other.
        is_many = done.taken == self.share and not done.fault
        if is_many and self._settings.mail_server and not self._settings.letters_per_minute:
            self._rush()
        return done

    def _mind_the_clock(self) -> None:
        """Let nobody wait an hour for a letter because the clock was set back by one; at the start nobody knows."""
        ahead = clock.now().timestamp() - time.monotonic()
        if ahead < self._clock - _LEAP:
            hurried = outbox.hurry(session)
            session.commit()
            if hurried:
                log.warning("clock_was_set_back", letters=hurried)
        self._clock = ahead

    def _rush(self) -> None:
        """Send side by side. A fault ends only its own connection: the next first round tells how the server is."""
        rounds: list[letters.Round] = []
        until, connections = time.monotonic() + _RUSH, self._settings.mail_connections
        try:
            with ThreadPoolExecutor(connections, "letters") as crowd:
                for sender in [crowd.submit(self._send_on, rounds, until) for _ in range(connections)]:
                    sender.result()
        finally:
            self._note(rounds)

    def _send_on(self, rounds: list[letters.Round], until: float) -> None:
        """Send over one connection for as long as there is more; without a connection, take nothing."""
        with self._app.app_context(), closing(mail.post(self._settings)) as post, suppress(mail.Down):
            post.open()
            while not self._stop.is_set() and time.monotonic() < until:
                done = letters.send(session, self._settings, self.share, self._stop, post=post, pace=self._pace)
                rounds.append(done)
                if done.fault or done.taken < self.share:
                    break

    def _note(self, rounds: list[letters.Round]) -> None:
        added = sum((done.counts for done in rounds), Counter[str]())
        if added:
            log.info("letters", **added)
        metrics.note_letters(added)
        self._counts.update(added)
        self._counts.pop("left", None)


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
