"""The session of each thread, and what it tells of its database."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from petition.db.engine import is_sqlite, make_engine

# One session per thread; ``scope.remove()`` ends it. ``session`` is the same thing, typed as what it stands for.
scope: scoped_session[Session] = scoped_session(sessionmaker(expire_on_commit=False))
session = cast("Session", scope)


def connect(url: str, *, pgbouncer: bool = False) -> Engine:
    """Bind ``session`` to the database at ``url`` and return its engine; nothing is opened yet."""
    engine = make_engine(url, pgbouncer=pgbouncer)
    scope.remove()
    scope.configure(bind=engine)
    return engine


def revision(session: Session) -> str | None:
    """Return the number of the newest migration that the database has, such as ``0002``; raises where it has none."""
    found: str | None = session.scalar(text("select version_num from alembic_version"))
    return found


def truncate_wal(session: Session) -> bool:
    """Write SQLite's log into its file and empty it; returns whether it is empty now, False on PostgreSQL too.

    Ends the transaction of the session.
    """
    session.rollback()
    if not is_sqlite(session):
        return False
    is_busy: int = session.execute(text("pragma wal_checkpoint(truncate)")).one()[0]
    return not is_busy


@contextmanager
def sqlite_write_lock(session: Session) -> Iterator[None]:
    """Hold an exclusive ``flock`` among the processes that write to the session's SQLite file; elsewhere do nothing.

    SQLite alone would poll: a writer sleeps up to 100 ms and asks again.
    """
    file = session.get_bind().engine.url.database if is_sqlite(session) else None
    if not file:
        yield
        return
    # The folder takes the lock: closing any handle of the file itself would take SQLite's own locks away.
    folder = os.open(Path(file).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
