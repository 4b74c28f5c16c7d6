"""What is forgotten of those who began to use a passkey."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import factors
from petition.jobs.factors import forget_challenges
from petition.lib import passkeys
from petition.models import Challenge
from tests.conftest import StoppedClock


def test_challenges_are_forgotten_that_nobody_answered(session: Session, stopped_clock: StoppedClock) -> None:
    for _attempt in range(3):
        factors.ask_passkey(session, passkeys.relying_party("http://localhost"))
    session.commit()
    assert forget_challenges(session) == 0

    stopped_clock.tick(minutes=5)

    assert [forget_challenges(session, limit=2), forget_challenges(session)] == [2, 1]
    assert session.scalars(select(Challenge)).all() == []
