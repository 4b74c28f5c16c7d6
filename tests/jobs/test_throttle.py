"""How fast letters go: never faster than the mail service allows."""

import threading
import time

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import db
from petition.jobs import letters as jobs
from petition.models import Letter
from tests.factories import make_call, sign
from tests.mail.mailservers import PickyServer, running, send_to
from tests.servers import MailServer


def test_letters_go_no_faster_than_the_rate_that_is_set(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    for number in range(5):
        sign(session, call, email=f"signer-{number}@example.org")
    began = time.monotonic()

    done = send_to(app, smtp, mail_per_worker_per_second=20)

    assert done.counts == {"sent": 5}
    assert time.monotonic() - began >= 4 / 20


def test_a_worker_takes_no_more_than_it_may_send_in_some_seconds(app: Flask) -> None:
    settings = app.config["PETITION"]

    def share(rate: float) -> int:
        return jobs.batch_size(settings.model_copy(update={"mail_per_worker_per_second": rate, "mail_connections": 4}))

    assert [share(rate) for rate in (0, 0.1, 8, 1000)] == [jobs.BATCH_SIZE, 1, 10, jobs.BATCH_SIZE]


def test_a_worker_that_is_told_to_stop_while_it_waits_for_its_turn_gives_its_letters_back(
    app: Flask, session: Session
) -> None:
    call = make_call(session)
    for number in range(3):
        sign(session, call, email=f"signer-{number}@example.org")
    stop = threading.Event()

    with running(PickyServer(data=lambda _: threading.Timer(0.1, stop.set).start())) as server, app.app_context():
        changes = {"mail_server": "127.0.0.1", "mail_port": server.port, "mail_per_worker_per_second": 0.01}
        done = jobs.send(db.session, app.config["PETITION"].model_copy(update=changes), stop=stop)

    assert done == (3, {"sent": 1, "released": 2}, "")
    assert sorted(session.scalars(select(Letter.attempts))) == [0, 0, 1]
