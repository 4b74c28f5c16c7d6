"""The outbox: who gets how many letters, which are due, what they say, and what becomes of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import letters, retention
from petition.domain.letters import NewLetter
from petition.lib import email_addresses, retries
from petition.lib.retries import RetryPlan
from petition.models import Letter, LetterState
from tests.conftest import StoppedClock
from tests.factories import SUZIE, make_call, the_letter


def enqueue(session: Session, template: str = "confirm_signature", email: str = SUZIE.email, **values: Any) -> None:
    usual = {"recipient": email, "digest": email_addresses.digest(email), "language": "en"}
    letters.enqueue(session, [NewLetter(template, **usual | values)])
    session.commit()


def claim(session: Session, limit: int = 100) -> list[Letter]:
    claimed = letters.claim(session, limit)
    session.commit()
    return claimed


def claim_one(session: Session) -> Letter:
    (letter,) = claim(session)
    return letter


def how_many(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Letter)) or 0


def test_a_letter_vanishes_with_its_cause(session: Session) -> None:
    letters.enqueue(session, [NewLetter("my_signatures", "ann@example.org", b"ann", "en")])
    session.rollback()

    assert how_many(session) == 0


def test_a_letter_keeps_what_is_needed_to_write_it_later(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)

    enqueue(session, call_id=call.id, language="fr")

    letter = the_letter(session)
    assert (letter.template, letter.call_id, letter.language) == ("confirm_signature", call.id, "fr")
    assert (letter.recipient, letter.email_digest) == (SUZIE.email, email_addresses.digest(SUZIE.email))
    assert (letter.state, letter.attempts, letter.error) == (LetterState.WAITING, 0, "")
    assert letter.created_at == letter.due_at == stopped_clock.now


def test_letters_that_ask_to_confirm_go_first_and_the_oldest_of_them_before(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    enqueue(session, "my_signatures", email="ann@example.org")
    stopped_clock.tick(seconds=1)
    enqueue(session, call_id=call.id, email="bob@example.org")
    stopped_clock.tick(seconds=1)
    enqueue(session, call_id=call.id, email="chris@example.org")

    assert [letter.recipient for letter in claim(session, limit=1)] == ["bob@example.org"]
    assert [letter.recipient for letter in claim(session)] == ["chris@example.org", "ann@example.org"]


def test_a_letter_that_one_worker_took_is_not_given_to_another(session: Session) -> None:
    enqueue(session)

    assert len(claim(session)) == 1
    assert claim(session) == []


def test_the_letters_of_a_killed_worker_come_back_when_its_lease_ends(
    session: Session, stopped_clock: StoppedClock
) -> None:
    enqueue(session)
    claim(session)

    stopped_clock.tick(minutes=5, seconds=-1)
    assert claim(session) == []
    stopped_clock.tick(seconds=1)
    assert claim_one(session).attempts == 2


def test_a_letter_that_nobody_registered_is_refused_when_it_is_enqueued(session: Session) -> None:
    known = NewLetter("my_signatures", SUZIE.email, b"suzie", "en")

    with pytest.raises(letters.UnknownLetter):
        letters.enqueue(session, [known, known._replace(template="from_the_future")])
    session.commit()

    assert how_many(session) == 0


def test_the_address_of_a_letter_is_forgotten_once_it_is_sent(session: Session, stopped_clock: StoppedClock) -> None:
    enqueue(session)
    letter = claim_one(session)

    letters.mark_sent(session, [letter])
    session.commit()

    letter = the_letter(session)
    assert (letter.state, letter.recipient, letter.sent_at) == (LetterState.SENT, None, stopped_clock.now)


def test_the_address_of_a_letter_is_forgotten_once_it_has_failed(session: Session) -> None:
    enqueue(session)
    letter = claim_one(session)

    letters.mark_failed(session, [letter], "550 no such user")
    session.commit()

    letter = the_letter(session)
    assert (letter.state, letter.recipient, letter.error) == (LetterState.FAILED, None, "550 no such user")


@pytest.mark.parametrize(
    ("plan", "pauses"),
    [
        (retries.USUAL, [1, 2, 4, 8, 16, 32, 60, 60]),
        (retries.IN_DOUBT, [1, 60, 24 * 60, 24 * 60]),
        (retries.REFUSED, [10, 2 * 60, 22 * 60]),
    ],
    ids=["not-delivered", "perhaps-delivered", "refused"],
)
def test_a_letter_is_tried_again_after_ever_longer_pauses(
    session: Session, stopped_clock: StoppedClock, plan: RetryPlan, pauses: list[int]
) -> None:
    enqueue(session)

    found = []
    for _ in pauses:
        letter = claim_one(session)
        letters.schedule_retry(session, letter, "451 later", plan)
        session.commit()
        due_at = the_letter(session).due_at
        found.append((due_at - stopped_clock.now) / timedelta(minutes=1))
        stopped_clock.stop(due_at)

    assert found == pauses


def test_a_letter_that_could_not_be_delivered_for_72_hours_has_failed(
    session: Session, stopped_clock: StoppedClock
) -> None:
    enqueue(session)
    written_at = stopped_clock.now

    while the_letter(session).state == LetterState.WAITING:
        stopped_clock.stop(the_letter(session).due_at)
        letters.schedule_retry(session, claim_one(session), "451 later")
        session.commit()

    letter = the_letter(session)
    assert (letter.state, letter.recipient, letter.error) == (LetterState.FAILED, None, "451 later")
    assert timedelta(hours=72) <= stopped_clock.now - written_at < timedelta(hours=73)


def test_a_letter_that_was_not_tried_is_due_again_at_once_and_its_attempt_does_not_count(session: Session) -> None:
    enqueue(session)
    taken = claim(session)

    letters.release(session, taken)
    session.commit()

    assert claim_one(session).attempts == 1


def test_a_worker_that_was_too_slow_does_not_give_back_what_another_has_taken(
    session: Session, stopped_clock: StoppedClock
) -> None:
    enqueue(session)
    slow = claim(session)
    session.expunge_all()
    stopped_clock.tick(minutes=6)
    claim(session)

    letters.release(session, slow)
    session.commit()

    assert claim(session) == []


def test_a_letter_is_not_failed_before_the_mail_server_was_asked(session: Session, stopped_clock: StoppedClock) -> None:
    enqueue(session)
    stopped_clock.tick(days=4)

    letters.release(session, claim(session))
    session.commit()
    assert the_letter(session).state == LetterState.WAITING

    letters.release(session, claim(session), "Connection refused")
    session.commit()
    assert the_letter(session).state == LetterState.FAILED


def test_what_is_sent_stays_sent(session: Session) -> None:
    enqueue(session)
    taken = claim(session)
    letters.mark_sent(session, taken)

    letters.schedule_retry(session, taken[0], "late")
    letters.mark_failed(session, taken, "late")
    letters.release(session, taken)
    letters.discard(session, taken)
    session.commit()

    assert the_letter(session).state == LetterState.SENT


def test_letters_that_are_done_with_are_deleted_the_oldest_first(session: Session, stopped_clock: StoppedClock) -> None:
    for number in range(4):
        enqueue(session, email=f"old-{number}@example.org")
    old = claim(session, limit=3)
    letters.mark_sent(session, old[:2])
    letters.mark_failed(session, old[2:], "550")
    session.commit()
    stopped_clock.tick(days=1)
    enqueue(session)
    letters.mark_sent(session, [letter for letter in claim(session) if letter.recipient == SUZIE.email])
    session.commit()

    before = stopped_clock.now
    first = retention.delete_letters(session, before=before, limit=2)
    second = retention.delete_letters(session, before=before, limit=2)
    session.commit()

    assert (first, second) == (2, 1)
    left = session.execute(select(Letter.state, Letter.created_at < before).order_by(Letter.id)).all()
    assert [tuple(row) for row in left] == [(LetterState.WAITING, True), (LetterState.SENT, False)]
