"""The engine: how we speak to SQLite and to PostgreSQL."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def make_engine(url: str, *, pgbouncer: bool = False) -> Engine:
    """Return an engine with our settings for ``sqlite:///…`` or ``postgresql+psycopg://…``.

    PostgreSQL: 5 s to connect or to get a connection of the pool, 15 s a statement. ``pgbouncer`` means that each
    transaction may get another connection, so nothing (time zone, time-outs, prepared statements) is left on one.
    """
    postgresql = _POSTGRESQL | {"connect_args": _POOLED} if pgbouncer else _POSTGRESQL
    # Statements in errors and logs come without what people typed.
    engine = create_engine(url, hide_parameters=True, **(_SQLITE if url.startswith("sqlite") else postgresql))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_private)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "before_cursor_execute", _begin_on_write)
    return engine


def insert(is_sqlite: bool, table: type[Any]) -> postgresql.Insert | sqlite.Insert:
    """Return a plain insert that knows ``on_conflict_do_…``, in the words of one of the two databases."""
    return (sqlite.insert if is_sqlite else postgresql.insert)(table.__table__)


def is_sqlite(session: Session) -> bool:
    """Whether the session talks to SQLite, which has one writer at a time."""
    return session.get_bind().dialect.name == "sqlite"


# SQLite has one writer; the others wait for so long.
BUSY_SECONDS = 10.0
# What was committed is on SQLite's disk; only tests do without.
SYNCHRONOUS = "FULL"

_SQLITE: dict[str, Any] = {"connect_args": {"isolation_level": None}}
_POSTGRESQL: dict[str, Any] = {
    "pool_timeout": 5,
    # One round trip a transaction: a connection that died while nobody used it is replaced, not handed out.
    "pool_pre_ping": True,
    "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=15000"},
}
_POOLED: dict[str, Any] = {"connect_timeout": 5, "prepare_threshold": None}


def _make_private(_dialect: object, _record: object, arguments: list[str], _named: object) -> None:
    """Let nobody but its owner read the file; SQLite gives the files beside it the same mode."""
    for ending in ("", "-wal", "-shm") if arguments[0] != ":memory:" else ():
        path = Path(arguments[0] + ending)
        # Where the folder is not there, or the file somebody else's, SQLite says so itself.
        with suppress(OSError):
            if not ending:
                path.touch(mode=0o600)
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
        f"busy_timeout={BUSY_SECONDS * 1000:.0f}",
        "foreign_keys=ON",
        # What is deleted is overwritten, not only unlinked.
        "secure_delete=ON",
        # A row that is replaced is deleted, and the triggers that forbid that see it.
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_on_write(_c: Connection, cursor: Any, statement: str, *_rest: object) -> None:
    """Open SQLite's transaction at the first write, as a writer.

    A transaction that reads first and writes later cannot wait for another writer: SQLite refuses it at once. Reads
    before the first write stand alone, as they do on PostgreSQL at its default level.
    """
    if not cursor.connection.in_transaction and not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
        cursor.execute("BEGIN IMMEDIATE")
