"""The outbox: who gets how many letters."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from petition.domain import letters, supporters
from tests.conftest import StoppedClock
from tests.domain.test_letters import claim, claim_one, enqueue, how_many
from tests.factories import SUZIE, make_call


def enqueue_and_send(session: Session, times: int, **values: Any) -> None:
    """Enqueue a letter so many times; each has left before the next."""
    for _ in range(times):
        enqueue(session, **values)
        letters.mark_sent(session, claim(session))
        session.commit()


def test_one_mailbox_gets_at_most_eight_letters_about_one_call_in_a_day(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    enqueue_and_send(session, 10, call_id=call.id)
    assert how_many(session) == 8

    enqueue(session, call_id=other.id)
    enqueue(session, call_id=call.id, email="chris@example.org")

    assert how_many(session) == 10


def test_nobody_can_keep_a_mailbox_from_its_letters_for_more_than_a_day(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    enqueue_and_send(session, 10, call_id=call.id)
    stopped_clock.tick(hours=24)

    enqueue(session, call_id=call.id)

    assert how_many(session) == 9


def test_one_address_gets_at_most_twenty_letters_a_day(session: Session, stopped_clock: StoppedClock) -> None:
    calls = [make_call(session, slug=f"call-{number}") for number in range(5)]
    for call in calls:
        enqueue_and_send(session, 5, call_id=call.id)
    assert how_many(session) == 20

    stopped_clock.tick(hours=24)
    enqueue(session, call_id=calls[-1].id)

    assert how_many(session) == 21


@pytest.mark.parametrize("template", ["confirm_signature", "my_signatures"])
def test_no_letter_is_written_while_one_like_it_waits(
    session: Session, stopped_clock: StoppedClock, template: str
) -> None:
    call = make_call(session) if template == "confirm_signature" else None
    for _ in range(3):
        enqueue(session, template, call_id=call.id if call else None)
    assert how_many(session) == 1

    letters.schedule_retry(session, claim_one(session), "451 later")
    session.commit()
    enqueue(session, template, call_id=call.id if call else None)
    enqueue(session, template, call_id=call.id if call else None)

    assert how_many(session) == 2


def test_a_letter_that_waits_holds_back_no_other(session: Session) -> None:
    calls = make_call(session), make_call(session, slug="other")
    for call in calls:
        for email in ("suzie@example.org", "chris@example.org"):
            enqueue(session, call_id=call.id, email=email)
    enqueue(session, "my_signatures")

    assert how_many(session) == 5


def test_links_to_all_signatures_are_sent_at_most_five_times_a_day(
    session: Session, stopped_clock: StoppedClock
) -> None:
    for _ in range(7):
        supporters.ask_for_links(session, SUZIE.email, "en")
        letters.mark_sent(session, claim(session))
        session.commit()
    assert how_many(session) == 5

    stopped_clock.tick(hours=24)
    supporters.ask_for_links(session, SUZIE.email, "en")
    session.commit()

    assert how_many(session) == 6


def test_requests_for_links_count_towards_the_twenty(session: Session) -> None:
    enqueue_and_send(session, 5, template="my_signatures")
    for number in range(20):
        enqueue(session, call_id=make_call(session, slug=f"call-{number}").id)

    assert how_many(session) == 20
