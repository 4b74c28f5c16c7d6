"""Letters on their way: what happens when the mail server, or a worker, does not play along."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from petition import db
from petition.jobs import letters as jobs
from petition.models import Letter, LetterState
from tests.conftest import StoppedClock
from tests.factories import letters_by_state, make_call, sign, the_letter
from tests.mail.mailservers import PickyServer, careless_server, running, send_to
from tests.servers import MailServer


@pytest.fixture(autouse=True, params=[False, True], ids=["in-turn", "pipelined"])
def way_of_speaking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with a server that takes commands one by one, and with one that takes them at once."""
    monkeypatch.setattr(PickyServer, "can_pipeline", request.param)


def test_the_address_of_a_letter_that_was_sent_is_gone(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session))

    done = send_to(app, smtp)

    letter = the_letter(session)
    assert done == (1, {"sent": 1}, "")
    assert (letter.state, letter.recipient, letter.attempts) == (LetterState.SENT, None, 1)
    assert send_to(app, smtp).claimed == 0


def test_a_wrong_address_fails_at_once_and_delays_nobody(app: Flask, session: Session) -> None:
    call = make_call(session)
    for name in ("ann", "gone", "chris"):
        sign(session, call, email=f"{name}@example.org")

    def unknown(address: str) -> str | None:
        return f"550 5.1.1 <{address}>: gone: User unknown" if address.startswith("gone") else None

    with running(PickyServer(rcpt=unknown)) as server:
        done = send_to(app, server)

    assert done == (3, {"sent": 2, "failed": 1}, "")
    assert server.readers == ["ann@example.org", "chris@example.org"]
    failed = session.scalars(select(Letter).where(Letter.state == LetterState.FAILED)).one()
    assert (failed.recipient, failed.error) == (None, "550 5.1.1 … … User unknown")


def test_a_letter_that_is_refused_when_read_fails_at_once_and_delays_nobody(app: Flask, session: Session) -> None:
    call = make_call(session)
    for name in ("full", "chris"):
        sign(session, call, email=f"{name}@example.org")

    with running(PickyServer(data=lambda address: "552 5.2.2 full" if address[:4] == "full" else None)) as server:
        done = send_to(app, server)

    assert done.counts == {"failed": 1, "sent": 1}
    assert server.readers == ["chris@example.org"]


def test_a_greylisted_letter_arrives_a_minute_later_and_delays_nobody(
    app: Flask, session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    for name in ("grey", "chris"):
        sign(session, call, email=f"{name}@example.org")
    first = {"grey@example.org"}

    def greylist(address: str) -> str | None:
        if address in first:
            first.remove(address)
            return "451 4.7.1 greylisted, try again later"
        return None

    with running(PickyServer(rcpt=greylist)) as server:
        assert send_to(app, server).counts == {"deferred": 1, "sent": 1}
        assert send_to(app, server).claimed == 0
        stopped_clock.tick(minutes=1)
        send_to(app, server)

    assert server.readers == ["chris@example.org", "grey@example.org"]
    assert letters_by_state(session) == {"sent": 2}


@pytest.mark.parametrize("answer", ["554 5.7.1 Message content refused", "550 5.7.26 Not authenticated"])
@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_letter_refused_for_its_content_or_its_sender_is_tried_four_times_in_a_day(
    app: Flask, session: Session, stopped_clock: StoppedClock, answer: str, step: str
) -> None:
    sign(session, make_call(session))
    written_at, tries = stopped_clock.now, 0

    with running(PickyServer(**{step: lambda _: answer})) as server:
        while (letter := the_letter(session)).state == LetterState.WAITING:
            stopped_clock.stop(letter.due_at)
            send_to(app, server)
            tries += 1

    assert (tries, letter.state, letter.recipient, letter.error) == (4, LetterState.FAILED, None, answer)
    assert timedelta(hours=24) <= stopped_clock.now - written_at < timedelta(hours=25)


@pytest.mark.parametrize("answer", ["550 5.7.1 Relaying denied", "550 5.4.5 Daily sending quota exceeded"])
def test_what_an_operator_can_mend_does_not_fail_a_letter(app: Flask, session: Session, answer: str) -> None:
    sign(session, make_call(session))

    with running(PickyServer(rcpt=lambda _: answer)) as server:
        done = send_to(app, server)

    assert done.counts == {"deferred": 1}
    assert (the_letter(session).state, the_letter(session).error) == (LetterState.WAITING, answer)


def test_when_the_mail_server_is_down_letters_wait_and_no_try_is_counted(
    app: Flask, session: Session, smtp: MailServer
) -> None:
    call = make_call(session)
    for name in ("ann", "bob"):
        sign(session, call, email=f"{name}@example.org")

    done = send_to(app, None)

    assert done.counts == {"released": 2}
    assert "refused" in done.fault
    assert set(session.scalars(select(Letter.attempts))) == {0}
    assert send_to(app, smtp).counts == {"sent": 2}


@pytest.mark.parametrize("answer", ["421 4.7.0 too busy", "451 4.3.0 no disk", "550 5.7.0 go away"])
def test_when_the_mail_server_takes_nothing_only_the_first_letter_counts_a_try(
    app: Flask, session: Session, answer: str
) -> None:
    call = make_call(session)
    for number in range(25):
        sign(session, call, email=f"signer-{number}@example.org")

    with running(PickyServer(mail=lambda _: answer)) as server:
        done = send_to(app, server)

    assert (done.counts, done.fault) == ({"deferred": 1, "released": 24}, answer)
    assert sorted(session.scalars(select(Letter.attempts)))[-2:] == [0, 1]
    assert letters_by_state(session) == {"waiting": 25}


def test_a_server_that_takes_three_letters_per_connection_gets_new_connections(app: Flask, session: Session) -> None:
    call = make_call(session)
    for number in range(8):
        sign(session, call, email=f"signer-{number}@example.org")
    tries = Counter[str]()

    def limit(_: str) -> str | None:
        tries["mail"] += 1
        return "421 4.7.0 too many messages on this connection" if tries["mail"] % 4 == 0 else None

    with running(PickyServer(mail=limit)) as server:
        done = send_to(app, server)

    assert done.counts == {"sent": 8}
    assert len(set(server.readers)) == len(server.readers) == 8
    assert set(session.scalars(select(Letter.attempts))) == {1}


def test_a_letter_that_may_have_arrived_is_sent_again_with_the_same_message_id(
    app: Flask, session: Session, stopped_clock: StoppedClock
) -> None:
    sign(session, make_call(session))
    moods = iter(["hang up"])

    with running(PickyServer(data=lambda _: next(moods, None))) as server:
        assert send_to(app, server).counts == {"deferred": 1}
        first = the_letter(session)
        message_id = f"<{first.id}.{int(first.created_at.timestamp())}@localhost>"
        stopped_clock.tick(minutes=1)
        assert send_to(app, server).counts == {"sent": 1}

    assert [message["Message-ID"] for _, _, message in server.messages] == [message_id]


def test_a_connection_cut_after_some_letters_costs_the_others_nothing(app: Flask, session: Session) -> None:
    call = make_call(session)
    for number in range(6):
        sign(session, call, email=f"signer-{number}@example.org")

    with running(PickyServer(data=lambda address: "hang up" if address[7] == "3" else None)) as server:
        done = send_to(app, server)

    assert done == (6, {"sent": 5, "deferred": 1}, "")


def test_a_killed_worker_would_repeat_at_most_twenty_letters(app: Flask, session: Session, database_url: str) -> None:
    call = make_call(session)
    for number in range(35):
        sign(session, call, email=f"signer-{number}@example.org")
    engine = create_engine(database_url)
    unknown = []

    def compare(_: str) -> None:
        with engine.connect() as connection:
            known = connection.scalar(text("select count(*) from letter where state = 'sent'"))
        unknown.append(len(server.messages) - (known or 0))

    with running(PickyServer(data=compare)) as server:
        send_to(app, server)
    engine.dispose()

    assert max(unknown) < jobs.COMMIT_EVERY == 20
    assert letters_by_state(session) == {"sent": 35}


def test_two_workers_never_send_a_letter_twice(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    for number in range(60):
        sign(session, call, email=f"signer-{number}@example.org")

    def work() -> None:
        while send_to(app, smtp, limit=7).claimed:
            pass

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    readers = Counter(recipients[0] for _, recipients, _ in smtp.messages)
    assert (len(readers), readers.total()) == (60, 60)
    assert letters_by_state(session) == {"sent": 60}


def test_a_server_that_asks_for_a_letter_to_nobody_gets_an_empty_one(app: Flask, session: Session) -> None:
    call = make_call(session)
    for name in ("ann", "gone", "chris"):
        sign(session, call, email=f"{name}@example.org")

    with careless_server("PIPELINING") as (port, told):
        done = send_to(app, port)

    assert done == (3, {"sent": 2, "failed": 1}, "")
    assert told.count(b"0 lines") == 1
    assert b"rset" in told


def test_a_worker_that_is_told_to_stop_finishes_its_letter_and_gives_back_the_others(
    app: Flask, session: Session
) -> None:
    call = make_call(session)
    for number in range(5):
        sign(session, call, email=f"signer-{number}@example.org")
    stop = threading.Event()

    with running(PickyServer(data=lambda _: stop.set())) as server, app.app_context():
        settings = app.config["PETITION"].model_copy(update={"mail_server": "127.0.0.1", "mail_port": server.port})
        done = jobs.send(db.session, settings, stop=stop)

    assert done == (5, {"sent": 1, "released": 4}, "")
    assert sorted(session.scalars(select(Letter.attempts))) == [0, 0, 0, 0, 1]


def test_a_letter_that_cannot_be_written_delays_nobody(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    sign(session, call, email="ann@example.org", language="xx")
    sign(session, call, email="bob@example.org")

    with capture_logs() as lines:
        done = send_to(app, smtp)

    assert done.counts == {"deferred": 1, "sent": 1}
    assert [line["event"] for line in lines] == ["letter_not_rendered"]


def test_an_address_that_no_mail_server_understands_fails_alone(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    sign(session, call, email="ann@example.org")
    sign(session, call, email="bob@example.org")
    session.execute(
        Letter.__table__.update().where(Letter.recipient == "ann@example.org").values(recipient="añn@example.org")  # type: ignore[attr-defined]
    )
    session.commit()

    assert send_to(app, smtp).counts == {"failed": 1, "sent": 1}
