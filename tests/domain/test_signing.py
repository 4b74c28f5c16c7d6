"""The rules of signing and confirming."""

from dataclasses import replace
from datetime import timedelta
from types import NoneType

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import letters, signing, totals
from petition.domain.signing import CallNotOpen
from petition.errors import NotFound, PetitionError
from petition.lib import clock, tokens
from petition.models import Call, Dimension, Letter, Signature, SignatureState
from tests.conftest import StoppedClock
from tests.factories import OPENED, SUZIE, confirm, make_call, sign


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def _sign_alone(session: Session, call: Call) -> PetitionError | None:
    (answer,) = signing.sign(session, [replace(SUZIE, call=call.slug)])
    return answer


def test_signing_makes_a_pending_signature_and_a_letter_and_counts_nobody(session: Session) -> None:
    call = make_call(session)

    signature = sign(session, call)

    assert signature.state == SignatureState.PENDING
    assert signature.consent_version == signing.CONSENT_VERSION
    assert _count(session, Letter) == 1
    assert totals.for_call(session, call).total == 0


def test_confirming_counts_once_however_often_it_is_pressed(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call)

    again = signing.confirm(session, [signature.id, signature.id])
    session.commit()

    assert again == [None, None]
    assert totals.for_call(session, call).total == 1


def test_people_who_press_at_the_same_moment_are_counted_in_one_go(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    waiting = [sign(session, call, email=f"{name}@example.org", country=name) for name in ("AT", "BE", "BE")]
    elsewhere, gone = sign(session, other), 4711

    answers = signing.confirm(session, [waiting[1].id, gone, elsewhere.id, waiting[0].id, waiting[1].id])
    session.commit()

    assert [type(answer) for answer in answers] == [NoneType, tokens.BrokenLink, NoneType, NoneType, NoneType]
    assert totals.figures(session, call, Dimension.COUNTRY) == [("AT", 1), ("BE", 1)]
    assert totals.for_call(session, other).total == 1
    assert totals.drift(session) == []


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


@pytest.mark.parametrize("email", ["SUZIE@Example.org", "suzie+petition@example.org", " suzie@example.org"])
def test_another_spelling_of_an_address_is_the_same_person(session: Session, email: str) -> None:
    call = make_call(session)
    sign(session, call)

    sign(session, call, email=email)

    assert _count(session, Signature) == 1


@pytest.mark.parametrize("email", ["s.u.zie@gmail.com", "suzie@googlemail.com", "Suzie+x@GMail.com"])
def test_gmail_ignores_dots_and_has_two_names(session: Session, email: str) -> None:
    call = make_call(session)
    sign(session, call, email="suzie@gmail.com")

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


def test_who_corrects_a_typing_mistake_signs_again_before_confirming(session: Session) -> None:
    call = make_call(session)
    sign(session, call, name="Suzi")

    assert sign(session, call, name="Suzie").name == "Suzie"


def test_an_address_can_sign_two_calls(session: Session) -> None:
    confirm(session, make_call(session, slug="one"))

    confirm(session, make_call(session, slug="two"))

    assert _count(session, Signature) == 2


def test_an_address_gets_at_most_five_letters_about_a_call(session: Session) -> None:
    call = make_call(session)

    for _attempt in range(8):
        sign(session, call)
        letters.mark_sent(session, letters.claim(session, 1))

    assert _count(session, Letter) == letters.KINDS["confirm_signature"].per_call == 5


def test_signing_stops_exactly_at_closing(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, closes_at=stopped_clock.now + timedelta(seconds=1))
    stopped_clock.tick(seconds=0.999)
    sign(session, call)

    stopped_clock.tick(seconds=0.001)

    assert isinstance(_sign_alone(session, call), CallNotOpen)


def test_nobody_signs_before_the_opening(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, opens_at=stopped_clock.now + timedelta(seconds=1))

    assert isinstance(_sign_alone(session, call), CallNotOpen)


def test_confirming_is_accepted_for_a_day_after_closing(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, closes_at=stopped_clock.now + timedelta(hours=1))
    signature, late = sign(session, call), sign(session, call, email="late@example.org")
    stopped_clock.tick(hours=24, minutes=59)

    assert signing.confirm(session, [signature.id]) == [None]
    stopped_clock.tick(minutes=1)

    assert isinstance(signing.confirm(session, [late.id])[0], CallNotOpen)
    assert totals.for_call(session, call).total == 1


def test_a_link_lives_for_seven_days(session: Session, stopped_clock: StoppedClock) -> None:
    signature = sign(session, make_call(session))
    token = tokens.make("confirm", signature.id)
    stopped_clock.tick(days=7)
    assert signing.get_by_link(session, "confirm", token).id == signature.id

    stopped_clock.tick(seconds=1)

    with pytest.raises(tokens.LinkExpired):
        signing.get_by_link(session, "confirm", token)


def test_an_old_link_gets_a_new_letter_while_the_signature_waits(session: Session, stopped_clock: StoppedClock) -> None:
    signature = sign(session, make_call(session))
    token = tokens.make("confirm", signature.id)
    letters.mark_sent(session, letters.claim(session, 1))
    stopped_clock.tick(days=8)

    signing.send_again(session, token)

    assert signature.requested_at == stopped_clock.now
    assert _count(session, Letter) == 2


def test_a_link_of_one_purpose_is_worthless_for_another(session: Session) -> None:
    signature = sign(session, make_call(session))

    with pytest.raises(tokens.BrokenLink):
        signing.get_by_link(session, "me", tokens.make("confirm", signature.id))


def test_a_link_stays_good_when_the_key_is_rotated() -> None:
    tokens.configure(["the old key of this site, long enough"])
    token = tokens.make("me", 5)

    tokens.configure(["the old key of this site, long enough", "the new key"])

    assert tokens.read("me", token, timedelta(days=1)) == 5


def test_this_was_not_me_erases_the_signature_and_blocks_the_address(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call)

    signing.disown(session, signature)
    session.commit()
    assert _sign_alone(session, call) is None
    session.commit()

    assert _count(session, Signature) == 0


def test_this_was_not_me_blocks_for_one_call_only(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    signing.disown(session, sign(session, call))

    sign(session, other)

    assert _count(session, Signature) == 1


def test_this_was_not_me_cannot_take_a_confirmed_signature_away(session: Session) -> None:
    signature = confirm(session, make_call(session))

    with pytest.raises(signing.NotPending):
        signing.disown(session, signature)


def test_a_withdrawn_signature_cannot_be_confirmed_by_its_old_link(session: Session) -> None:
    signature = confirm(session, make_call(session))
    signature.state, signature.withdrawn_at = SignatureState.WITHDRAWN, clock.now()
    session.commit()

    assert isinstance(signing.confirm(session, [signature.id])[0], signing.NotPending)


def test_unconfirmed_signatures_are_deleted_with_their_personal_data(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session, opens_at=OPENED)
    sign(session, call)
    confirm(session, call, email="ann@example.org")
    stopped_clock.tick(days=7, seconds=1)

    deleted = signing.delete_unconfirmed(session, before=stopped_clock.now - timedelta(days=7), limit=10)

    assert deleted == 1
    assert _count(session, Signature) == 1


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
