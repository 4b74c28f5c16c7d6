"""Mail servers that take their time: waited for, and never for so long that a letter goes twice."""

import time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import letters as outbox
from petition.jobs import letters as jobs
from petition.mail import smtp as connections
from petition.models import Letter
from tests.factories import make_call, sign
from tests.mail.mailservers import PickyServer, careless_server, running, send_to
from tests.servers import MailServer


def test_a_slow_mail_server_does_not_make_a_worker_outstay_its_lease(
    app: Flask, session: Session, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make_call(session)
    for number in range(3):
        sign(session, call, email=f"signer-{number}@example.org")
    monkeypatch.setattr(jobs, "_SEND_SECONDS", 0.0)

    assert send_to(app, smtp).counts == {"sent": 1, "released": 2}


def test_no_letter_is_begun_whose_answer_could_come_after_the_lease(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = make_call(session)
    for number in range(3):
        sign(session, call, email=f"signer-{number}@example.org")
    monkeypatch.setattr(jobs, "_LEASE_SECONDS", connections.MESSAGE_SECONDS + 1)

    with running(PickyServer(data=lambda _: time.sleep(1.1))) as server:
        done = send_to(app, server)

    assert done == (3, {"sent": 1, "released": 2}, "The mail server answers too slowly.")
    assert sorted(session.scalars(select(Letter.attempts))) == [0, 0, 1]


def test_a_server_that_takes_its_time_to_greet_and_to_read_gets_its_letters(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(session, make_call(session))
    monkeypatch.setattr(connections, "_TIMEOUT", 0.5)

    with careless_server(pause=0.8) as (port, _told):
        done = send_to(app, port)

    assert done == (1, {"sent": 1}, "")


def test_a_lease_has_room_for_the_slowest_connection_and_the_slowest_letter() -> None:
    connecting = 2 * connections._GREETING_TIMEOUT

    assert connecting + connections.MESSAGE_SECONDS < jobs._LEASE_SECONDS < outbox.LEASE.total_seconds()
