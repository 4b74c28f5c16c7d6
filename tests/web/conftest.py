"""What tests of the pages share: an open call, and a token of its form that is old enough to be sent."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.models import Call
from tests import factories
from tests.conftest import StoppedClock
from tests.visitor import form_token


@pytest.fixture
def call(app: Flask, session: Session, stopped_clock: StoppedClock) -> Call:
    """Give an open call, on a stopped clock."""
    return factories.make_call(session)


@pytest.fixture
def token(client: FlaskClient, call: Call, stopped_clock: StoppedClock) -> str:
    """Give a form's token that is good for the next twelve hours."""
    token = form_token(client.get(f"/en/calls/{call.slug}"))
    stopped_clock.tick(seconds=3)
    return token
