"""The clock of a machine is set back by an hour, or ahead by two days, while people sign."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import totals
from petition.jobs import worker
from petition.lib import tokens
from petition.models import LetterState
from tests import factories
from tests.conftest import StoppedClock
from tests.servers import MailServer
from tests.visitor import FORM, form_token, press

PATH = "/en/calls/open-culture"
STEPS = [timedelta(hours=-1), timedelta(days=2)]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_letter_leaves_at_once_and_its_link_counts(
    app: Flask, client: FlaskClient, session: Session, stopped_clock: StoppedClock, smtp: MailServer, step: timedelta
) -> None:
    call = factories.make_call(session)
    link = f"/en/confirm/{tokens.make('confirm', factories.sign(session, call).id)}"

    stopped_clock.stop(stopped_clock.now + step)
    worker.run(app, once=True)

    assert len(smtp.messages) == 1
    assert [client.get(link).status_code, press(client, link).status_code] == [200, 303]
    assert totals.for_call(session, call).total == 1
    assert totals.drift(session) == []


def test_a_form_that_was_opened_before_the_clock_was_set_back_is_taken(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    fields = FORM | {"token": form_token(client.get(PATH))}

    stopped_clock.tick(hours=-1)

    assert client.post(f"{PATH}/sign", data=fields).status_code == 303


def test_a_form_that_seems_two_days_old_is_taken_when_the_button_is_pressed_again(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    fields = FORM | {"token": form_token(client.get(PATH)), "story": "My reason."}
    stopped_clock.tick(days=2)

    answer = client.post(f"{PATH}/sign", data=fields)
    assert answer.status_code == 422
    assert "My reason." in answer.text
    stopped_clock.tick(seconds=3)

    assert client.post(f"{PATH}/sign", data=fields | {"token": form_token(answer)}).status_code == 303


def test_who_signs_again_after_the_clock_was_set_back_gets_no_second_letter_that_waits(
    app: Flask, session: Session, stopped_clock: StoppedClock, smtp: MailServer
) -> None:
    call = factories.make_call(session)
    factories.sign(session, call)
    stopped_clock.tick(hours=-1)
    factories.sign(session, call)

    worker.run(app, once=True)

    assert len(smtp.messages) == 1
    assert {letter.state for letter in factories.letters(session)} == {LetterState.SENT}
