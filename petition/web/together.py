"""Writes what many visitors ask for at the same moment in one transaction.

A commit waits for the disk, and costs as much for one sign-up as for fifty. So while one transaction is on its way,
those who come meanwhile gather for the next; nobody waits for company.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from math import inf
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session

from petition import db
from petition.errors import PetitionError

# So many are written in one transaction, and for so many seconds somebody waits for an answer.
MOST = 64
PATIENCE = 10.0

# When a transaction takes longer than so many seconds, only so many wait behind it: readers need threads too.
SLOW = 1.0
CROWD = 48

Asked = TypeVar("Asked")


class Job(NamedTuple, Generic[Asked]):
    """What one visitor asked for, and where the answer is waited for."""

    asked: Asked
    answer: "Future[PetitionError | None]"


class Together(Generic[Asked]):
    """Does one kind of change for all threads of a process, in a thread of its own."""

    def __init__(self, change: Callable[[Session, Sequence[Asked]], Sequence[PetitionError | None]]) -> None:
        self._change = change
        self._jobs: SimpleQueue[Job[Asked]] = SimpleQueue()
        self._lock = Lock()
        self._writer: Thread | None = None
        self._began = inf

    def __call__(self, asked: Asked) -> None:
        """Return when the change is committed; raises what is in the way of it, or what the database raises."""
        if self._jobs.qsize() >= CROWD and time.monotonic() > self._began + SLOW:
            raise NoConnection
        job = Job(asked, Future())
        self._jobs.put(job)
        with self._lock:
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._write_all, name="together", daemon=True)
                self._writer.start()
        try:
            refusal = job.answer.result(PATIENCE)
        except TimeoutError:
            job.answer.cancel()
            raise NoConnection from None
        if refusal:
            raise refusal

    def _write_all(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            with suppress(Empty):
                while len(jobs) < MOST:
                    jobs.append(self._jobs.get_nowait())
            self._began = time.monotonic()
            if waiting := [job for job in jobs if job.answer.set_running_or_notify_cancel()]:
                self._answer(waiting)
            self._began = inf

    def _answer(self, jobs: Sequence[Job[Asked]]) -> None:
        """Write all or nothing and let everybody know."""
        try:
            refusals = self._write([job.asked for job in jobs])
        except Exception as error:  # noqa: BLE001 - those who asked get it
            if len(jobs) > 1 and not isinstance(error, OperationalError | NoConnection):
                # One of them cannot be written; the others do not suffer for it.
                for job in jobs:
                    self._answer([job])
                return
            for job in jobs:
                job.answer.set_exception(error)
        else:
            for job, refusal in zip(jobs, refusals, strict=True):
                job.answer.set_result(refusal)

    def _write(self, asked: Sequence[Asked]) -> Sequence[PetitionError | None]:
        try:
            with db.turn(db.session):
                refusals = self._change(db.session, asked)
                db.session.commit()
            return refusals
        finally:
            db.scope.remove()
