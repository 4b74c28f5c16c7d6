"""What is forgotten, and when."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import letters, supporters
from petition.jobs import retention
from petition.models import Letter, Signature, SignatureState
from tests.conftest import StoppedClock
from tests.factories import confirm, make_call, sign, text_told


def test_signatures_that_nobody_confirmed_are_deleted_after_7_days(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    confirm(session, call, email="ann@example.org")
    sign(session, call, email="bob@example.org")
    stopped_clock.tick(days=6)
    sign(session, call, email="chris@example.org")
    assert retention.forget_unconfirmed(session) == 0

    stopped_clock.tick(days=1, seconds=1)

    assert retention.forget_unconfirmed(session) == 1
    session.rollback()
    assert session.scalars(select(Signature.state).order_by(Signature.id)).all() == ["confirmed", "pending"]
    assert session.scalars(select(Signature.email)).all() == [None, "chris@example.org"]


def test_a_withdrawn_signature_loses_its_personal_data_after_a_day(
    session: Session, stopped_clock: StoppedClock
) -> None:
    signature = confirm(session, make_call(session), story="My story")
    supporters.withdraw(session, signature)
    session.commit()
    assert retention.forget_withdrawn(session) == 0

    stopped_clock.tick(days=1, seconds=1)

    assert retention.forget_withdrawn(session) == 1
    assert retention.forget_withdrawn(session) == 0
    session.expire_all()
    left = session.scalars(select(Signature)).one()
    assert (left.state, left.name, text_told(left), left.email) == (SignatureState.WITHDRAWN, None, None, None)
    assert left.country == "NL"


def test_letters_are_forgotten_after_30_days_but_not_those_that_wait(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    for name in ("ann", "bob", "chris"):
        sign(session, call, email=f"{name}@example.org")
    taken = letters.claim(session, limit=2)  # whichever come first: they are due at the same moment
    waiting = session.scalars(select(Letter.recipient).where(Letter.attempts == 0)).all()
    letters.mark_sent(session, taken[:1])
    letters.mark_failed(session, taken[1:], "550")
    session.commit()
    stopped_clock.tick(days=30)
    assert retention.forget_letters(session) == 0

    stopped_clock.tick(seconds=1)

    assert retention.forget_letters(session) == 2
    session.rollback()
    assert len(waiting) == 1
    assert session.scalars(select(Letter.recipient)).all() == waiting


def test_a_job_does_no_more_than_it_was_asked(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    for number in range(5):
        sign(session, call, email=f"signer-{number}@example.org")
    stopped_clock.tick(days=8)

    assert [retention.forget_unconfirmed(session, limit=2) for _ in range(4)] == [2, 2, 1, 0]
