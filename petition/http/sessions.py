"""Flask's session as a row in the database, under one path and nowhere else; the cookie holds a random secret."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from petition.lib import clock
from petition.lib.session_rows import LIFETIME, SessionRow, digest

# Seen is noted once a minute.
_SEEN_EVERY = timedelta(minutes=1)


class SessionRows(NamedTuple):
    """How rows are read, added, changed and deleted by their digest; each in the transaction it is given.

    ``save`` changes a row that is still there, and adds none: a session that was ended meanwhile does not come back.
    """

    find: Callable[[Session, bytes], SessionRow | None]
    add: Callable[[Session, SessionRow], None]
    save: Callable[[Session, SessionRow], None]
    delete: Callable[[Session, bytes], None]


class RowSession(CallbackDict[str, Any], SessionMixin):
    """A session; ``secret`` is what its cookie holds, empty until there is something to remember."""

    def __init__(self, row: SessionRow | None = None, secret: str = "") -> None:
        def on_update(session: Self) -> None:
            session.modified = True

        super().__init__(row.content if row else None, on_update)
        self.row, self.secret, self.modified, self.accessed = row, secret, False, True
        self.user_id = row.user_id if row else None
        self.fresh_at = row.fresh_at if row else None
        self.device = row.device if row else ""
        self.replaces = b""

    def sign_in(self, user_id: int, device: str) -> None:
        """Give the session to a person, empty and under a new secret, so that nobody who knew the old one follows in.

        The token of its forms begins with the person's id, by which ``carried_forms`` knows who typed them.
        """
        self._replace()
        self.user_id, self.fresh_at, self.device = user_id, clock.now(), device
        self["csrf_token"] = f"{user_id}.{secrets.token_hex(20)}"

    def refresh(self) -> None:
        """Note that the person has just proved again who they are."""
        self.fresh_at, self.modified = clock.now(), True

    def sign_out(self) -> None:
        """End the session: nothing of it stays."""
        self._replace()
        self.user_id, self.fresh_at, self.device = None, None, ""

    def _replace(self) -> None:
        self.clear()
        self.replaces = digest(self.secret) if self.row else self.replaces
        self.secret, self.row, self.modified = "", None, True


class RowSessions(SessionInterface):
    """Keeps sessions in the database for pages below ``path``; elsewhere there is an empty one that is never kept."""

    def __init__(self, engine: Engine, rows: SessionRows, path: str, cookie: str) -> None:
        self._engine, self._rows, self._path, self._cookie = engine, rows, path, cookie

    def open_session(self, app: Flask, request: Request) -> RowSession:
        """Return the session of the cookie, or an empty one."""
        secret = request.cookies.get(self._cookie, "")
        if not secret or not request.path.startswith(self._path):
            return RowSession()
        with Session(self._engine) as own:
            row = self._rows.find(own, digest(secret))
        return RowSession(row, secret) if row and row.is_alive else RowSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed, in a transaction of its own, and send the cookie when it is new."""
        assert isinstance(session, RowSession)  # noqa: S101 - made above
        now = clock.now()
        is_seen = session.row is not None and now - session.row.last_seen_at >= _SEEN_EVERY
        if not session.modified and not is_seen:
            return
        is_empty = session.user_id is None and not session
        ended = session.replaces or (digest(session.secret) if is_empty and session.row else b"")
        with Session(self._engine) as own, own.begin():
            if ended:
                self._rows.delete(own, ended)
            if not is_empty:
                self._write(own, session, now)
        if is_empty and ended:
            response.delete_cookie(self._cookie, path="/", secure=self.get_cookie_secure(app), httponly=True)
        elif not is_empty and session.row is None:
            self._set_cookie(app, response, session.secret)

    def _write(self, own: Session, session: RowSession, now: datetime) -> None:
        session.secret = session.secret or secrets.token_urlsafe(32)
        created_at = session.row.created_at if session.row else now
        row = SessionRow(
            digest(session.secret), session.user_id, dict(session), session.device, created_at, now, session.fresh_at
        )
        (self._rows.save if session.row else self._rows.add)(own, row)

    def _set_cookie(self, app: Flask, response: Response, secret: str) -> None:
        response.set_cookie(
            self._cookie,
            secret,
            max_age=LIFETIME,
            path="/",
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite="Lax",
        )
