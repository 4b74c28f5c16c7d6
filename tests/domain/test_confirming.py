"""The rules of confirming, of changing what waits, and of "this was not me"."""

from dataclasses import replace
from datetime import timedelta
from types import NoneType

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import confirming, letters, links, signing, supporters, totals
from petition.domain.confirming import Confirmation
from petition.domain.links import Link
from petition.errors import CallNotOpen, PetitionError, WordsChanged
from petition.lib import clock, tokens
from petition.models import Call, Dimension, Letter, Signature, SignatureState
from tests.conftest import StoppedClock
from tests.factories import SUZIE, button, confirm, make_call, sign, signatures, text_told


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def sign_alone(session: Session, call: Call) -> PetitionError | None:
    (answer,) = signing.sign(session, [replace(SUZIE, call=call.slug)])
    return answer


def test_confirming_counts_once_however_often_it_is_pressed(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call)

    again = confirming.confirm(session, [button(signature)] * 2)
    session.commit()

    assert again == [None, None]
    assert totals.for_call(session, call).total == 1


def test_people_who_press_at_the_same_moment_are_counted_in_one_go(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    waiting = [sign(session, call, email=f"{name}@example.org", country=name) for name in ("AT", "BE", "BE")]
    elsewhere, gone = sign(session, other), Confirmation(Link(4711, ""), "")

    answers = confirming.confirm(
        session, [button(waiting[1]), gone, button(elsewhere), button(waiting[0]), button(waiting[1])]
    )
    session.commit()

    assert [type(answer) for answer in answers] == [NoneType, tokens.BrokenLink, NoneType, NoneType, NoneType]
    assert totals.figures(session, call, Dimension.COUNTRY) == [("AT", 1), ("BE", 1)]
    assert totals.for_call(session, other).total == 1
    assert totals.drift(session) == []


def test_confirming_is_accepted_for_a_day_after_closing(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session, closes_at=stopped_clock.now + timedelta(hours=1))
    signature, late = sign(session, call), sign(session, call, email="late@example.org")
    stopped_clock.tick(hours=24, minutes=59)

    assert confirming.confirm(session, [button(signature)]) == [None]
    stopped_clock.tick(minutes=1)

    assert isinstance(confirming.confirm(session, [button(late)])[0], CallNotOpen)
    assert totals.for_call(session, call).total == 1


def test_an_old_link_gets_a_new_letter_while_the_signature_waits(session: Session, stopped_clock: StoppedClock) -> None:
    signature = sign(session, make_call(session))
    token = tokens.make("confirm", signature.id)
    letters.mark_sent(session, letters.claim(session, 1))
    stopped_clock.tick(days=8)

    confirming.send_again(session, links.get_expired(session, "confirm", token))

    assert signature.requested_at == stopped_clock.now
    assert _count(session, Letter) == 2


def test_this_was_not_me_erases_the_signature_and_blocks_the_address(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call)

    confirming.disown(session, signature)
    session.commit()
    assert sign_alone(session, call) is None
    session.commit()

    assert _count(session, Signature) == 0


def test_this_was_not_me_blocks_for_one_call_only(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    confirming.disown(session, sign(session, call))

    sign(session, other)

    assert _count(session, Signature) == 1


def test_this_was_not_me_cannot_take_a_confirmed_signature_away(session: Session) -> None:
    signature = confirm(session, make_call(session))

    with pytest.raises(confirming.NotPending):
        confirming.disown(session, signature)


def test_a_withdrawn_signature_cannot_be_confirmed_by_its_old_link(session: Session) -> None:
    signature = confirm(session, make_call(session))
    signature.state, signature.withdrawn_at = SignatureState.WITHDRAWN, clock.now()
    session.commit()

    assert isinstance(confirming.confirm(session, [button(signature)])[0], confirming.NotPending)


def press(session: Session, *buttons: Confirmation) -> list[str]:
    """Give by name what each press of a button was told."""
    answers = confirming.confirm(session, buttons)
    session.commit()
    return [type(answer).__name__ for answer in answers]


def test_each_letter_confirms_the_words_that_it_showed(session: Session) -> None:
    call = make_call(session)
    mine = sign(session, call, story="Because of my grandmother.")
    strangers = sign(session, call, name="Mallory", story="Mine.", show_name=True, wants_updates=True)

    told = press(session, button(mine), button(strangers))

    (counted,) = signatures(session)
    assert told == ["NoneType", "NotPending"]
    assert (counted.name, text_told(counted), counted.wants_updates) == (
        "Suzie Signer",
        "Because of my grandmother.",
        False,
    )
    assert totals.for_call(session, call).total == 1
    assert press(session, button(mine)) == ["NoneType"]


def test_what_else_waited_is_deleted_and_its_button_counts_nothing(session: Session) -> None:
    call = make_call(session)
    mine, other = sign(session, call), sign(session, call, name="Mallory")
    late = button(other)
    press(session, button(mine))

    assert press(session, late) == ["BrokenLink"]
    assert totals.for_call(session, call).total == 1


def test_a_button_that_names_other_words_counts_nothing(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call)
    shown = button(signature)
    confirming.revise(session, signature, shown=signature.version, name="Susanne")
    session.commit()
    session.refresh(signature)

    assert press(session, shown) == ["WordsChanged"]
    assert press(session, shown._replace(version="")) == ["WordsChanged"]
    assert totals.for_call(session, call).total == 0
    assert press(session, button(signature)) == ["NoneType"]
    assert signatures(session)[0].name == "Susanne"


def test_two_changes_of_the_same_words_do_not_mix(session: Session) -> None:
    signature = sign(session, make_call(session))
    shown = signature.version
    confirming.revise(session, signature, shown=shown, name="Susanne")
    session.commit()

    with pytest.raises(WordsChanged):
        confirming.revise(session, signature, shown=shown, country="FR")


def test_words_that_wait_already_do_not_wait_twice(session: Session) -> None:
    call = make_call(session)
    first, second = sign(session, call), sign(session, call, name="Susanne")

    with pytest.raises(WordsChanged):
        confirming.revise(session, first, shown=first.version, name="Susanne")
    assert confirming.has_newer(session, first)
    assert not confirming.has_newer(session, second)


def test_who_signs_again_after_withdrawing_is_counted_with_the_new_words(session: Session) -> None:
    call = make_call(session)
    supporters.withdraw(session, confirm(session, call))
    session.commit()

    press(session, button(sign(session, call, name="Susanne")))

    (counted,) = signatures(session)
    assert (counted.name, counted.state) == ("Susanne", SignatureState.CONFIRMED)
    assert totals.drift(session) == []


def test_an_id_that_was_given_twice_opens_nothing(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call)
    link = Link(signature.id, sign(session, call, email="ann@example.org").link_id.partition(".")[2])

    assert press(session, Confirmation(link, signature.version)) == ["BrokenLink"]
    assert links.find_signature(session, "me", tokens.make("me", f"{link.signature_id}.{link.mailbox}")) is None
    assert links.get_signature(session, "me", tokens.make("me", signature.link_id)).id == signature.id
    assert links.get_signature(session, "me", tokens.make("me", signature.id)).id == signature.id


def test_this_was_not_me_erases_all_that_waits_for_the_mailbox_and_can_be_undone(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call, email="suzie@gmail.com")
    sign(session, call, email="s.u.zie@gmail.com", name="Mallory")
    link = button(signature).link
    confirming.disown(session, signature)
    session.commit()
    assert sign_gmail(session, call) == 0
    assert confirming.find_block(session, link) is not None
    assert confirming.find_block(session, link._replace(mailbox="000000000000")) is None

    confirming.accept_again(session, link)
    confirming.accept_again(session, link)
    session.commit()

    assert sign_gmail(session, call) == 1


def sign_gmail(session: Session, call: Call) -> int:
    signing.sign(session, [replace(SUZIE, call=call.slug, email="suzie@gmail.com")])
    session.commit()
    return _count(session, Signature)
