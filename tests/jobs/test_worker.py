"""The worker: goes on for as long as it is wanted, whatever happens around it."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from structlog.testing import capture_logs

from petition.config import Settings
from petition.db import is_sqlite
from petition.domain import supporters
from petition.jobs import letters as jobs
from petition.jobs import retention, worker
from petition.models import Letter, Signature
from tests.conftest import StoppedClock
from tests.factories import SUZIE, make_call, sign
from tests.mail.mailservers import PickyServer, running
from tests.servers import MailServer, free_port


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker rest for milliseconds where it rests for seconds."""
    monkeypatch.setattr(worker, "_IDLE", 0.02)
    monkeypatch.setattr(worker, "_LONGEST_PAUSE", 0.02)


@contextmanager
def at_work(app: Flask) -> Iterator[list[MutableMapping[str, Any]]]:
    """Run a worker beside the test until the end of the block; gives what it logs."""
    stop = threading.Event()
    with capture_logs() as lines:
        thread = threading.Thread(target=worker.run, args=[app], kwargs={"stop": stop})
        thread.start()
        try:
            yield lines
        finally:
            stop.set()
            thread.join(timeout=10)
    assert not thread.is_alive()


@contextmanager
def without_letters(session: Session) -> Iterator[None]:
    """Let the outbox be away until the end of the block."""
    session.execute(text("alter table letter rename to letter_away"))
    session.commit()
    try:
        yield
    finally:
        session.execute(text("alter table letter_away rename to letter"))
        session.commit()


def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so, for 10 seconds at most."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "It did not come about within 10 seconds."
        time.sleep(0.01)


def outages(lines: list[MutableMapping[str, Any]]) -> list[tuple[str, str]]:
    return [(line["event"], line["of"]) for line in lines if line["event"].startswith("outage")]


def use(app: Flask, port: int) -> None:
    """Let letters go to another port."""
    app.config["PETITION"] = app.config["PETITION"].model_copy(update={"mail_server": "127.0.0.1", "mail_port": port})


def test_once_works_off_all_that_is_due_and_says_what_it_did(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    sign(session, call, email="forgotten@example.org")
    stopped_clock.tick(days=8)
    for number in range(jobs.BATCH_SIZE + 5):
        sign(session, call, email=f"signer-{number}@example.org")

    done = worker.run(app, once=True)

    assert len(smtp.messages) == jobs.BATCH_SIZE + 5
    expected = {"sent": jobs.BATCH_SIZE + 5, "obsolete": 1, "forget_unconfirmed": 1}
    assert +Counter(done) == expected | ({"overwrite_deleted": 1} if is_sqlite(session) else {})


def test_once_says_how_many_letters_are_left_when_the_mail_server_is_down(app: Flask, session: Session) -> None:
    use(app, free_port())
    sign(session, make_call(session))

    assert worker.run(app, once=True)["letters_due"] == 1


def test_once_does_not_hide_that_the_database_is_away(app: Flask, session: Session) -> None:
    with without_letters(session), pytest.raises((OperationalError, ProgrammingError)):
        worker.run(app, once=True)


def test_letters_go_out_while_the_worker_runs(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)

    with at_work(app):
        for number in range(3):
            sign(session, call, email=f"signer-{number}@example.org")
            until(lambda number=number: len(smtp.messages) == number + 1)  # type: ignore[misc]


def test_a_running_worker_notices_that_the_clock_was_set_back(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    sign(session, call)
    with at_work(app):
        until(lambda: smtp.messages)
        sign(session, call, email="ann@example.org", due_at=stopped_clock.now + timedelta(minutes=30))

        stopped_clock.tick(hours=-1)

        until(lambda: len(smtp.messages) == 2)


def test_a_mail_server_that_goes_and_comes_back_is_reported_once_each_time(app: Flask, session: Session) -> None:
    call = make_call(session)
    busy = threading.Event()
    asked = []

    def mood(address: str) -> str | None:
        asked.append(address)
        return "421 4.3.2 shutting down" if busy.is_set() else None

    busy.set()
    with running(PickyServer(mail=mood)) as server:
        use(app, server.port)
        for number in range(30):
            sign(session, call, email=f"signer-{number}@example.org")
        with at_work(app) as lines:
            until(lambda: len(asked) >= 5)
            busy.clear()
            until(lambda: len(server.messages) >= 20)

    assert outages(lines) == [("outage_began", "mail"), ("outage_ended", "mail")]


def test_a_database_that_goes_and_comes_back_is_reported_once_each_time(
    app: Flask, session: Session, smtp: MailServer
) -> None:
    sign(session, make_call(session))
    with ExitStack() as stack:
        with without_letters(session):
            lines = stack.enter_context(at_work(app))
            until(lambda: outages(lines))
        until(lambda: smtp.messages)
        until(lambda: len(outages(lines)) >= 2)

    assert outages(lines) == [("outage_began", "database"), ("outage_ended", "database")]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_database_that_is_away_while_letters_go_out_makes_no_letter_go_twice(
    app: Flask, session: Session, settings: Settings, postgresql_server: str
) -> None:
    call = make_call(session)
    for number in range(25):
        sign(session, call, email=f"signer-{number}@example.org")
    server_engine = create_engine(postgresql_server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = make_url(settings.database_url).database

    def allow_connections(are_allowed: bool) -> None:
        with server_engine.connect() as connection:
            connection.execute(text(f"alter database {name} allow_connections {are_allowed}"))
            if not are_allowed:
                everybody = "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"
                connection.execute(text(everybody), {"name": name})

    back = threading.Timer(0.7, allow_connections, [True])

    def take_away(address: str) -> None:
        if address.startswith("signer-13@"):
            allow_connections(False)
            back.start()

    with running(PickyServer(data=take_away)) as server, capture_logs() as lines:
        use(app, server.port)
        done = worker.run(app, once=True)
        back.join()

    assert (done["sent"], len(server.messages), len(set(server.readers))) == (25, 25, 25)
    assert "letters_wait_for_database" in {line["event"] for line in lines}


def test_many_letters_go_over_several_connections_and_each_goes_once(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH_SIZE", 10)
    call = make_call(session)
    for number in range(120):
        sign(session, call, email=f"signer-{number}@example.org")

    with running(PickyServer()) as server:
        use(app, server.port)
        done = worker.run(app, once=True)

    assert (done["sent"], done["letters_due"], len(set(server.readers)), len(server.readers)) == (120, 0, 120, 120)
    assert server.connections >= 1 + app.config["PETITION"].mail_connections


def test_a_server_that_takes_no_more_connections_gets_all_letters_over_one(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH_SIZE", 5)
    call = make_call(session)
    for number in range(30):
        sign(session, call, email=f"signer-{number}@example.org")

    with running(PickyServer()) as server:
        server.most_connections = 2
        use(app, server.port)
        done = worker.run(app, once=True)

    assert (done["sent"], done["letters_due"], len(server.readers)) == (30, 0, 30)
    session.rollback()
    assert set(session.scalars(select(Letter.attempts))) == {1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_told_to_stop_by_the_system_stops(
    app: Flask, session: Session, smtp: MailServer, number: signal.Signals
) -> None:
    sign(session, make_call(session))

    def stop_after_the_letter() -> None:
        until(lambda: smtp.messages)
        os.kill(os.getpid(), number)

    threading.Thread(target=stop_after_the_letter).start()
    before = signal.getsignal(number)

    assert worker.run(app)["sent"] == 1
    assert signal.getsignal(number) == before


def test_the_log_holds_no_address_no_name_and_no_link(app: Flask, session: Session) -> None:
    sign(session, make_call(session))
    supporters.ask_for_links(session, "gone@example.org", "en")
    supporters.ask_for_links(session, "later@example.org", "en")
    session.commit()

    def mood(address: str) -> str | None:
        answers = {"gone@example.org": "550 gone@example.org unknown", "later@example.org": "421 later@example.org"}
        return answers.get(address)

    with running(PickyServer(rcpt=mood)) as server, capture_logs() as lines:
        use(app, server.port)
        worker.run(app, once=True)

    everything = str(lines)
    assert len(lines) >= 4
    assert "@" not in everything
    assert SUZIE.name not in everything
    assert "/confirm/" not in everything


def test_what_is_to_be_forgotten_is_forgotten_however_much_it_is(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention.forget_unconfirmed, "__defaults__", (2,))
    call = make_call(session)
    for number in range(5):
        sign(session, call, email=f"signer-{number}@example.org")
    stopped_clock.tick(days=8)

    assert worker.run(app, once=True)["forget_unconfirmed"] == 5
    session.rollback()
    assert session.scalars(select(Signature.id)).all() == session.scalars(select(Letter.id)).all() == []
