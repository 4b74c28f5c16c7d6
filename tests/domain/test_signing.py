"""The rules of signing."""

from dataclasses import replace
from datetime import timedelta
from types import NoneType

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import letters, signing, supporters, totals
from petition.errors import CallNotOpen, NotFound, PetitionError
from petition.models import CONSENT_VERSION, Call, Letter, Signature, SignatureState
from tests.conftest import StoppedClock
from tests.factories import OPENED, SUZIE, confirm, make_call, sign, text_told


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _sign_alone(session: Session, call: Call) -> PetitionError | None:
    (answer,) = signing.sign(session, [replace(SUZIE, call=call.slug)])
    return answer


def test_signing_makes_a_pending_signature_and_a_letter_and_counts_nobody(session: Session) -> None:
    call = make_call(session)

    signature = sign(session, call)

    assert signature.state == SignatureState.PENDING
    assert signature.consent_version == CONSENT_VERSION
    assert _count(session, Letter) == 1
    assert totals.for_call(session, call).total == 0


def test_people_who_sign_at_the_same_moment_are_written_in_one_go(session: Session) -> None:
    call = make_call(session)
    closed = make_call(session, slug="closed", closes_at=OPENED + timedelta(days=1))
    requests = [
        replace(SUZIE, call=slug, email=email)
        for slug, email in (
            (call.slug, "ann@example.org"),
            (closed.slug, "bob@example.org"),
            ("nowhere", "cem@example.org"),
            (call.slug, "dora@example.org"),
            (call.slug, "ANN@example.org"),
        )
    ]

    answers = signing.sign(session, requests)
    session.commit()

    assert [type(answer) for answer in answers] == [NoneType, CallNotOpen, NotFound, NoneType, NoneType]
    assert _count(session, Signature) == 2
    assert _count(session, Letter) == 2


def test_the_address_is_forgotten_when_a_signature_is_confirmed(session: Session) -> None:
    assert confirm(session, make_call(session)).email is None


def test_the_address_is_kept_for_those_who_want_news(session: Session) -> None:
    assert confirm(session, make_call(session), wants_updates=True).email == "suzie@example.org"


@pytest.mark.parametrize("email", ["SUZIE@Example.org", " suzie@example.org"])
def test_another_spelling_of_an_address_is_the_same_person(session: Session, email: str) -> None:
    call = make_call(session)
    sign(session, call)

    sign(session, call, email=email)

    assert _count(session, Signature) == 1


@pytest.mark.parametrize("email", ["s.u.zie@gmail.com", "suzie@googlemail.com", "Suzie+x@GMail.com"])
def test_gmail_ignores_dots_and_has_two_names(session: Session, email: str) -> None:
    call = make_call(session)
    confirm(session, call, email="suzie@gmail.com")

    sign(session, call, email=email)

    assert _count(session, Signature) == 1


def test_dots_make_two_people_where_the_provider_minds_them(session: Session) -> None:
    call = make_call(session)
    sign(session, call, email="s.uzie@example.org")

    sign(session, call, email="suzie@example.org")

    assert _count(session, Signature) == 2


def test_nobody_can_change_a_confirmed_signature_by_signing_again(session: Session) -> None:
    call = make_call(session)
    confirm(session, call)

    signature = sign(session, call, name="Mallory", show_name=False, country="DE")

    assert (signature.name, signature.show_name, signature.country) == ("Suzie Signer", True, "NL")
    assert signature.state == SignatureState.CONFIRMED
    assert totals.for_call(session, call).total == 1


def test_an_address_can_sign_two_calls(session: Session) -> None:
    confirm(session, make_call(session, slug="one"))

    confirm(session, make_call(session, slug="two"))

    assert _count(session, Signature) == 2


def test_a_mailbox_gets_at_most_eight_letters_about_a_call_in_a_day(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)

    for _attempt in range(10):
        sign(session, call)
        letters.mark_sent(session, letters.claim(session, 1))

    assert _count(session, Letter) == letters.PER_CALL == 8
    stopped_clock.tick(days=1, seconds=1)
    sign(session, call)
    assert _count(session, Letter) == 9


def test_signing_stops_exactly_at_closing(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, closes_at=stopped_clock.now + timedelta(seconds=1))
    stopped_clock.tick(seconds=0.999)
    sign(session, call)

    stopped_clock.tick(seconds=0.001)

    assert isinstance(_sign_alone(session, call), CallNotOpen)


def test_nobody_signs_before_the_opening(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, opens_at=stopped_clock.now + timedelta(seconds=1))

    assert isinstance(_sign_alone(session, call), CallNotOpen)


def test_the_newest_supporters_are_those_who_agreed_shortened_to_an_initial(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    confirm(session, call)
    stopped_clock.tick(minutes=1)
    confirm(session, call, email="ann@example.org", name="Ann van der Berg", country=None)
    confirm(session, call, email="shy@example.org", name="Shy Person", show_name=False)
    sign(session, call, email="waiting@example.org", name="Waiting Person")

    shown = signing.newest(session, call)

    assert [(one.name, one.country) for one in shown] == [("Ann B.", None), ("Suzie S.", "NL")]


def test_a_tag_makes_another_person_where_nobody_knows_that_the_provider_ignores_it(session: Session) -> None:
    call = make_call(session)
    confirm(session, call, email="vera@corp.example")

    confirm(session, call, email="vera+zz@corp.example")

    assert totals.for_call(session, call).total == 2


def test_a_later_form_changes_nothing_of_the_words_that_wait(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    first = sign(session, call, story="Because of my grandmother.", show_name=False)
    stopped_clock.tick(days=1)

    later = sign(session, call, name="Mallory", story="Mine.", show_name=True, wants_updates=True)

    session.refresh(first)
    assert later.id != first.id
    assert (first.name, text_told(first), first.show_name) == ("Suzie Signer", "Because of my grandmother.", False)
    assert (first.wants_updates, first.requested_at) == (False, stopped_clock.now - timedelta(days=1))


def test_the_same_words_again_are_the_same_row_whose_time_does_not_begin_anew(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session)
    first = sign(session, call)
    stopped_clock.tick(days=3)

    again = sign(session, call)

    assert (again.id, again.requested_at) == (first.id, stopped_clock.now - timedelta(days=3))


def test_strangers_cannot_make_rows_without_end_for_one_mailbox(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)

    for number in range(12):
        sign(session, call, name=f"Mallory the {number}th", email=f"s.u.z.i.e+{number}@gmail.com")
    assert _count(session, Signature) == signing.MAX_PENDING
    stopped_clock.tick(days=1, seconds=1)

    sign(session, call, email="suzie@gmail.com")

    assert _count(session, Signature) == signing.MAX_PENDING + 1


def test_a_form_leaves_a_withdrawn_signature_and_its_undo_alone(session: Session) -> None:
    call = make_call(session)
    withdrawn = confirm(session, call)
    supporters.withdraw(session, withdrawn)
    session.commit()

    sign(session, call, name="Mallory")

    session.refresh(withdrawn)
    assert (withdrawn.state, withdrawn.name) == (SignatureState.WITHDRAWN, "Suzie Signer")
    assert supporters.can_restore(withdrawn)
