"""When the database is away, visitors are told to try again and lose nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition import db
from petition.lib import tokens
from petition.web.kept import Kept
from tests import factories
from tests.conftest import StoppedClock
from tests.visitor import FORM, form_token

PATH = "/en/calls/open-culture"


@contextmanager
def trouble(app: Flask) -> Iterator[None]:
    """Make the database refuse every change: SQLite is locked by somebody, PostgreSQL is set to read only."""
    url = app.config["PETITION"].database_url
    engine = db.make_engine(url)
    db.scope.remove()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("update call set paper = paper"))
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


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.1)


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

    with trouble(app):
        answer = client.post(link)

    assert answer.status_code == 503
    assert client.post(link).status_code == 303
    assert client.get("/counters/open-culture.json").get_json()["total"] == 1


def test_connections_that_died_while_nobody_used_them_are_replaced_without_anybody_noticing(
    client: FlaskClient, session: Session, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_RESTED", 0.0)
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


def test_public_pages_are_still_there_when_the_tables_are_gone(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.web.kept.PAGE_LASTS", 0.0)
    factories.confirm(session, factories.make_call(session))
    reader = Client(Kept(app.wsgi_app, "http://localhost"))
    before = reader.get("/counters/open-culture.json").get_json()
    session.execute(text("alter table tally rename to away"))
    session.commit()

    answer = reader.get("/counters/open-culture.json")
    session.execute(text("alter table away rename to tally"))
    session.commit()

    assert (answer.status_code, answer.get_json()) == (200, before)
