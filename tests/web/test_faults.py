"""When the database is away, visitors are told to try again and lose nothing."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition import db
from petition.db import engine as db_engine
from petition.http.page_cache import PageCache
from petition.lib import tokens
from tests import factories
from tests.conftest import StoppedClock
from tests.visitor import FORM, form_token, press

PATH = "/en/calls/open-culture"


@contextmanager
def trouble(app: Flask) -> Iterator[None]:
    """Make the database refuse every change: SQLite is locked by somebody, PostgreSQL is set to read only."""
    url = app.config["PETITION"].database_url
    engine = db.make_engine(url)
    db.scope.remove()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("update call set paper_signatures = paper_signatures"))
            yield
            connection.rollback()
        else:
            name = make_url(url).database
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(f"alter database {name} set default_transaction_read_only = on"))
            app.extensions["engine"].dispose()
            yield
            connection.execute(text("set default_transaction_read_only = off"))
            connection.execute(text(f"alter database {name} reset default_transaction_read_only"))
            app.extensions["engine"].dispose()
    engine.dispose()


@contextmanager
def full_disk(app: Flask) -> Iterator[None]:
    """Let the database find no more room soon: SQLite may not grow, PostgreSQL says so after a few rows."""
    engine: Engine = app.extensions["engine"]

    def stay_small(connection: Any, _record: object) -> None:
        connection.execute("pragma max_page_count = 1")  # It means as many as there are.

    engine.dispose()
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", stay_small)
        yield
        event.remove(engine, "connect", stay_small)
        engine.dispose()
    else:
        _run(engine, _NO_ROOM)
        yield
        _run(engine, "drop function no_room() cascade")


_NO_ROOM = """
    create function no_room() returns trigger language plpgsql as $$ begin
        if (select count(*) from signature) >= 3 then
            raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
        end if;
        return new;
    end $$;
    create trigger no_room before insert on signature for each row execute function no_room();
"""


@contextmanager
def no_connections(app: Flask) -> Iterator[None]:
    """Take all connections that PostgreSQL has."""
    app.extensions["engine"].dispose()
    address = make_url(app.config["PETITION"].database_url).set(drivername="postgresql").render_as_string(False)
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(closing(psycopg.connect(address)))
        yield


@contextmanager
def frozen(app: Flask) -> Iterator[None]:
    """Stop all processes of PostgreSQL, and let them go on."""
    with app.extensions["engine"].connect() as connection:
        backend = connection.scalar(text("select pg_backend_pid()"))
    server = _parent(backend)
    all_of_them = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    family = [server, *(process for process in all_of_them if _parent(process) == server)]
    for process in family:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            os.kill(process, signal.SIGCONT)


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db_engine, "BUSY_SECONDS", 0.1)


def test_a_sign_up_that_cannot_be_written_keeps_what_was_typed_and_works_a_moment_later(
    client: FlaskClient, app: Flask, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    fields = FORM | {"story": "My reason.", "token": form_token(client.get(PATH))}
    stopped_clock.tick(seconds=3)

    with trouble(app):
        answer = client.post(f"{PATH}/sign", data=fields)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="My reason."' in answer.text
    assert client.post(f"{PATH}/sign", data=fields).status_code == 303


def test_a_confirmation_that_cannot_be_written_counts_when_it_is_pressed_again(
    client: FlaskClient, app: Flask, session: Session
) -> None:
    link = f"/en/confirm/{tokens.make('confirm', factories.sign(session, factories.make_call(session)).id)}"
    page = client.get(link)

    with trouble(app):
        answer = press(client, link, page)

    assert answer.status_code == 503
    assert press(client, link, page).status_code == 303
    assert client.get("/counters/open-culture.json").get_json()["total"] == 1


def test_connections_that_died_while_nobody_used_them_are_replaced_without_anybody_noticing(
    client: FlaskClient, session: Session, dialect: str
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has no connections that could be cut.")
    factories.make_call(session)
    assert client.get(PATH).status_code == 200
    others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
    engine = db.make_engine(client.application.config["PETITION"].database_url)
    with engine.connect() as connection:
        connection.execute(text(f"{others} and datname = current_database()"))
    engine.dispose()

    assert client.get(PATH).status_code == 200


def test_public_pages_are_still_there_when_the_tables_are_gone(app: Flask, session: Session) -> None:
    factories.confirm(session, factories.make_call(session))
    cache = PageCache(app, "http://localhost")
    reader = Client(cache)
    before = reader.get("/counters/open-culture.json").get_json()
    for cached in cache.responses.values():
        cached.expires_at -= 1
    session.execute(text("alter table tally rename to away"))
    session.commit()

    answer = reader.get("/counters/open-culture.json")
    session.execute(text("alter table away rename to tally"))
    session.commit()

    assert (answer.status_code, answer.get_json()) == (200, before)


def test_when_the_disk_is_full_everybody_who_was_answered_is_there(
    client: FlaskClient, app: Flask, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    fields = FORM | {"token": form_token(client.get(PATH))}
    stopped_clock.tick(seconds=3)

    answered: list[str] = []
    with full_disk(app):
        while (answer := client.post(f"{PATH}/sign", data=_of(fields, len(answered)))).status_code == 303:
            answered.append(_of(fields, len(answered))["email"])

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert [signature.email for signature in factories.signatures(session)] == answered
    assert [letter.recipient for letter in factories.letters(session)] == answered
    assert client.post(f"{PATH}/sign", data=_of(fields, len(answered))).status_code == 303


def _of(fields: dict[str, str], number: int) -> dict[str, str]:
    return fields | {"email": f"suzie{number}@example.org", "story": "My reason. " * 40}


def test_who_comes_when_postgresql_has_no_connection_left_is_asked_to_come_again(
    client: FlaskClient, app: Flask, session: Session, stopped_clock: StoppedClock, dialect: str
) -> None:
    if dialect == "sqlite":
        pytest.skip("SQLite has as many connections as are opened.")
    factories.make_call(session)
    fields = FORM | {"token": form_token(client.get(PATH))}
    stopped_clock.tick(seconds=3)

    with no_connections(app):
        answers = [client.post(f"{PATH}/sign", data=fields), client.get("/en/"), client.get("/readyz")]

    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert client.post(f"{PATH}/sign", data=fields).status_code == 303


def test_who_signs_while_postgresql_is_frozen_waits_and_is_not_lost(
    client: FlaskClient, app: Flask, session: Session, stopped_clock: StoppedClock, dialect: str
) -> None:
    if dialect == "sqlite" or "TEST_DATABASE_URL" in os.environ:
        pytest.skip("Only a PostgreSQL of our own can be frozen.")
    factories.make_call(session)
    fields = FORM | {"token": form_token(client.get(PATH))}
    stopped_clock.tick(seconds=3)

    with ThreadPoolExecutor(1) as beside:
        with frozen(app):
            answer = beside.submit(client.post, f"{PATH}/sign", data=fields)
            with pytest.raises(TimeoutError):
                answer.result(0.5)

        assert answer.result(10).status_code == 303
    assert len(factories.signatures(session)) == 1
