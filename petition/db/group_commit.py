"""Group commit: writes what many threads ask for at the same moment in one transaction.

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
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from petition.db.sessions import scope, session, sqlite_write_lock
from petition.errors import Overloaded, PetitionError

# The most items in one transaction, and the most seconds that a thread waits for an answer.
MAX_BATCH = 64
TIMEOUT = 10.0

# Behind a transaction that takes longer than ``SLOW_SECONDS`` only so many wait: readers need threads too.
SLOW_SECONDS = 1.0
MAX_WAITING = 48

Item = TypeVar("Item")


class PendingWrite(NamedTuple, Generic[Item]):
    """One item to write, and the future that becomes None, or what is in the way of it."""

    item: Item
    future: "Future[PetitionError | None]"


class GroupCommit(Generic[Item]):
    """Does one kind of change for all threads of a process, in a thread of its own that starts with the first call.

    ``change`` takes a session and the items of a batch, does not commit, and returns for each None or its refusal.
    """

    def __init__(self, change: Callable[[Session, Sequence[Item]], Sequence[PetitionError | None]]) -> None:
        self._change = change
        self._pending: SimpleQueue[PendingWrite[Item]] = SimpleQueue()
        self._lock = Lock()
        self._writer: Thread | None = None
        self._begun_at = inf

    def __call__(self, item: Item) -> None:
        """Return when the change is committed, after ``TIMEOUT`` seconds at most.

        Raises the refusal of this item, Overloaded when its turn would come too late (then it is not written), or what
        the database raises.
        """
        if self._pending.qsize() >= MAX_WAITING and time.monotonic() > self._begun_at + SLOW_SECONDS:
            raise Overloaded
        write = PendingWrite(item, Future())
        self._pending.put(write)
        with self._lock:
            if self._writer is None or not self._writer.is_alive():
                self._writer = Thread(target=self._run, name="group-commit", daemon=True)
                self._writer.start()
        try:
            refusal = write.future.result(TIMEOUT)
        except TimeoutError:
            write.future.cancel()
            raise Overloaded from None
        if refusal:
            raise refusal

    def _run(self) -> None:
        while True:
            batch = [self._pending.get()]
            with suppress(Empty):
                while len(batch) < MAX_BATCH:
                    batch.append(self._pending.get_nowait())
            self._begun_at = time.monotonic()
            if waiting := [write for write in batch if write.future.set_running_or_notify_cancel()]:
                self._finish(waiting)
            self._begun_at = inf

    def _finish(self, batch: Sequence[PendingWrite[Item]]) -> None:
        """Write all or nothing and let everybody know."""
        try:
            refusals = self._write([write.item for write in batch])
        except Exception as error:  # noqa: BLE001 - each waiting thread raises it
            if len(batch) > 1 and not isinstance(error, OperationalError | PoolTimeout):
                # One of them cannot be written; the others do not suffer for it.
                for write in batch:
                    self._finish([write])
                return
            for write in batch:
                write.future.set_exception(error)
        else:
            for write, refusal in zip(batch, refusals, strict=True):
                write.future.set_result(refusal)

    def _write(self, items: Sequence[Item]) -> Sequence[PetitionError | None]:
        try:
            with sqlite_write_lock(session):
                refusals = self._change(session, items)
                session.commit()
            return refusals
        finally:
            scope.remove()
