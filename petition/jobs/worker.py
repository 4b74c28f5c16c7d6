"""The worker's loop: letters as they fall due, and the jobs of all modules beside this one.

Once an hour its ``JOBS``, and once a minute its ``MINUTE_JOBS``, which take some seconds at most.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from inspect import signature
from math import inf
from threading import Event, Thread, current_thread, main_thread

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from petition import domain, jobs
from petition.config import Settings
from petition.db import session
from petition.domain import letters as outbox
from petition.domain import metrics
from petition.jobs import letters
from petition.lib import clock
from petition.lib.modules import import_all
from petition.mail.errors import ServerUnavailable
from petition.mail.transport import open_transport

HOUR, MINUTE = 3600.0, 60.0

_IDLE = 1.0
_LONGEST_PAUSE = 10.0
# For so many seconds several connections send before the rest of the work gets its turn.
_PARALLEL_SECONDS = 10.0
# A clock that is corrected by less than so many seconds is not worth a look.
_CLOCK_TOLERANCE = 1.0

log = structlog.get_logger()


def run(app: Flask, *, once: bool = False, stop: Event | None = None) -> dict[str, int]:
    """Work until SIGTERM, SIGINT or ``stop``; ``once``: until nothing is due.

    Returns how many letters of each kind of ``DeliveryResult`` there were, and what each job did, by its name. A
    database or a mail server that is away is waited for. With ``once`` the database raises, and ``letters_due`` counts
    the letters that are due and could not go out.
    """
    stop, counts = stop or Event(), Counter[str]()
    # Each feature registers its letters when it is imported.
    import_all(domain)
    with _stopped_by_signals(stop):
        log.info("worker_started", once=once)
        (_drain if once else _work)(app, stop, counts)
        log.info("worker_stopped", **counts)
    return dict(counts)


def _drain(app: Flask, stop: Event, counts: Counter[str]) -> None:
    sender = Sender(app, stop, counts)
    with app.app_context():
        while not stop.is_set():
            done = sender.send()
            if done.fault or not done.claimed:
                break
        _maintenance(stop, counts)
        while not stop.is_set() and _minute_jobs(counts):
            continue
        counts["letters_due"] = metrics.count_due(session)


def _work(app: Flask, stop: Event, counts: Counter[str]) -> None:
    sender, outages, failures = Sender(app, stop, counts), _Outages(), 0
    maintenance_at = minute_jobs_at = 0.0
    while not stop.is_set():
        done = None
        try:
            with app.app_context():
                done = sender.send()
                if time.monotonic() >= maintenance_at:
                    _maintenance(stop, counts)
                    maintenance_at = time.monotonic() + HOUR
                if time.monotonic() >= minute_jobs_at:
                    _minute_jobs(counts)
                    minute_jobs_at = time.monotonic() + MINUTE
            outages.note("database", "")
        except SQLAlchemyError as error:
            outages.note("database", _cause(error))
        if done and (done.fault or done.counts.keys() - {"released"}):
            outages.note("mail", done.fault)
        failures = failures + 1 if outages.are_on else 0
        if failures:
            stop.wait(min(2.0 ** min(failures - 1, 9), _LONGEST_PAUSE))
        elif done is None or done.claimed < sender.batch_size:
            stop.wait(_IDLE)


class Sender:
    """The way out for letters: one connection, or several side by side while there is more than one claims at once."""

    def __init__(self, app: Flask, stop: Event, counts: Counter[str]) -> None:
        self._app, self._stop, self._counts = app, stop, counts
        self._settings: Settings = app.config["PETITION"]
        self._throttle = letters.Throttle(self._settings.mail_per_worker_per_second)
        self.batch_size = letters.batch_size(self._settings)
        self._clock = inf

    def send(self) -> letters.BatchResult:
        """Send what is due, for some 10 seconds at most; returns the first batch, whose fault is that of the server."""
        self._handle_clock_change()
        done = letters.send(session, self._settings, self.batch_size, self._stop, throttle=self._throttle)
        self._count([done])
        # What all may send in a minute is counted before it is claimed, so there one connection takes after the other.
        is_many = done.claimed == self.batch_size and not done.fault
        if is_many and self._settings.mail_server and not self._settings.mail_per_minute:
            self._send_parallel()
        return done

    def _handle_clock_change(self) -> None:
        """Let nobody wait an hour for a letter because the clock was set back by one; at the start nobody knows."""
        ahead = clock.now().timestamp() - time.monotonic()
        if ahead < self._clock - _CLOCK_TOLERANCE:
            reset = outbox.reset_future_due(session)
            session.commit()
            if reset:
                log.warning("clock_was_set_back", letters=reset)
        self._clock = ahead

    def _send_parallel(self) -> None:
        """Send side by side. A fault ends only its own connection: the next first batch tells how the server is."""
        batches: list[letters.BatchResult] = []
        until, connections = time.monotonic() + _PARALLEL_SECONDS, self._settings.mail_connections
        try:
            with ThreadPoolExecutor(connections, "letters") as executor:
                for sending in [executor.submit(self._send_until, batches, until) for _ in range(connections)]:
                    sending.result()
        finally:
            self._count(batches)

    def _send_until(self, batches: list[letters.BatchResult], until: float) -> None:
        """Send over one connection for as long as there is more; without a connection, take nothing."""
        with self._app.app_context(), closing(open_transport(self._settings)) as transport, suppress(ServerUnavailable):
            transport.open()
            while not self._stop.is_set() and time.monotonic() < until:
                done = letters.send(
                    session, self._settings, self.batch_size, self._stop, transport=transport, throttle=self._throttle
                )
                batches.append(done)
                if done.fault or done.claimed < self.batch_size:
                    break

    def _count(self, batches: list[letters.BatchResult]) -> None:
        added = sum((done.counts for done in batches), Counter[str]())
        if added:
            log.info("letters", **added)
        for kind, number in added.items():
            letters.outcomes.labels(kind).inc(number)
        self._counts.update(added)
        self._counts.pop("released", None)


def _maintenance(stop: Event, counts: Counter[str]) -> None:
    """Run each job, and again while it returns as many as its ``limit``; one without a ``limit`` runs once."""
    functions = [job for module in import_all(jobs) for job in getattr(module, "JOBS", ())]
    for job in functions:
        is_more, limit = True, _limit(job)
        while is_more and not stop.is_set():
            done = job(session)
            counts[job.__name__] += done
            is_more = done >= limit
    log.info("maintenance", **{job.__name__: counts[job.__name__] for job in functions})


def _minute_jobs(counts: Counter[str]) -> int:
    """Run each job that is worth a look every minute; returns how much they did."""
    functions = [job for module in import_all(jobs) for job in getattr(module, "MINUTE_JOBS", ())]
    done = {job.__name__: job(session) for job in functions}
    counts.update(done)
    return sum(done.values())


def _limit(job: Callable[[Session], int]) -> float:
    limit = signature(job).parameters.get("limit")
    return limit.default if limit else inf


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
