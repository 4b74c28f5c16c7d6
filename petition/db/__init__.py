"""The engine, the session, and one transaction for many, the same for SQLite and PostgreSQL."""

from petition.db.engine import insert, is_sqlite, make_engine
from petition.db.sessions import connect, revision, scope, session, sqlite_write_lock, truncate_wal

__all__ = [
    "connect",
    "insert",
    "is_sqlite",
    "make_engine",
    "revision",
    "scope",
    "session",
    "sqlite_write_lock",
    "truncate_wal",
]
