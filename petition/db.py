"""The engine and the session, the same for SQLite and PostgreSQL."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

# One session per thread; ``scope.remove()`` ends it. ``session`` is the same thing, typed as what it stands for.
scope: scoped_session[Session] = scoped_session(sessionmaker(expire_on_commit=False))
session = cast("Session", scope)


def connect(url: str, *, pgbouncer: bool = False) -> Engine:
    """Point ``session`` at the database and return its engine."""
    engine = make_engine(url, pgbouncer=pgbouncer)
    scope.remove()
    scope.configure(bind=engine)
    return engine


def make_engine(url: str, *, pgbouncer: bool = False) -> Engine:
    """Return an engine with our settings for its kind of database.

    ``pgbouncer`` means that each transaction may get another connection: nothing is left on one for the next.
    """
    postgresql = _POSTGRESQL | {"connect_args": _POOLED} if pgbouncer else _POSTGRESQL
    # Statements in errors and logs come without what people typed.
    engine = create_engine(url, hide_parameters=True, **(_SQLITE if url.startswith("sqlite") else postgresql))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "before_cursor_execute", _begin_on_write)
    else:
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _try_if_rested)
    return engine


def insert(is_sqlite: bool, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """Return a plain insert that knows ``on_conflict_do_…``, in the words of one of the two databases."""
    return (sqlite.insert if is_sqlite else postgresql.insert)(table.__table__)


def is_sqlite(session: Session) -> bool:
    """Whether the session talks to SQLite, which has one writer at a time."""
    return session.get_bind().dialect.name == "sqlite"


@contextmanager
def turn(session: Session) -> Iterator[None]:
    """Wait until no other process has its turn with this SQLite file; SQLite alone would sleep and ask again."""
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


# SQLite has one writer; the others wait for so long.
BUSY_SECONDS = 10.0

_SQLITE: dict[str, Any] = {"connect_args": {"isolation_level": None}}
_POSTGRESQL: dict[str, Any] = {
    "pool_timeout": 5,
    "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=15000"},
}
_POOLED: dict[str, Any] = {"connect_timeout": 5, "prepare_threshold": None}

# A connection that was in use so many seconds ago is taken to be alive; asking would cost each request a round trip.
_RESTED = 1.0


def _note_use(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _try_if_rested(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Raise DisconnectionError for a connection that died while nobody used it; then the pool opens a new one."""
    if time.monotonic() - record.info.get("used_at", 0) > _RESTED:
        try:
            connection.execute("select 1")
            connection.rollback()
        except psycopg.OperationalError as error:
            raise DisconnectionError from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_write(_c: Connection, cursor: Any, statement: str, *_rest: object) -> None:
    """Open SQLite's transaction at the first write, as a writer.

    A transaction that reads first and writes later cannot wait for another writer: SQLite refuses it at once. Reads
    before the first write stand alone, as they do on PostgreSQL at its default level.
    """
    if not cursor.connection.in_transaction and not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
        cursor.execute("BEGIN IMMEDIATE")
