"""What mailed links mean, and for how long."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from petition.domain import links
from petition.errors import NotFound
from petition.lib import tokens
from tests.conftest import StoppedClock
from tests.factories import make_call, sign


def test_a_link_lives_for_seven_days(session: Session, stopped_clock: StoppedClock) -> None:
    signature = sign(session, make_call(session))
    token = tokens.make("confirm", signature.id)
    stopped_clock.tick(days=7)
    assert links.get_signature(session, "confirm", token).id == signature.id

    stopped_clock.tick(seconds=1)

    with pytest.raises(tokens.LinkExpired):
        links.get_signature(session, "confirm", token)


def test_a_link_of_one_purpose_is_worthless_for_another(session: Session) -> None:
    signature = sign(session, make_call(session))

    with pytest.raises(NotFound):
        links.get_signature(session, "me", tokens.make("confirm", signature.id))


def test_a_link_stays_good_when_the_key_is_rotated() -> None:
    tokens.configure(["the old key of this site, long enough"])
    token = tokens.make("me", 5)

    tokens.configure(["the old key of this site, long enough", "the new key"])

    assert tokens.read("me", token, timedelta(days=1)) == "5"
