"""What supporters do with the signature they gave."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import retention, signing, supporters, totals
from petition.errors import WordsChanged
from petition.models import CallKind, Dimension, Letter, LetterState, Signature, SignatureState, StoryWords
from tests.conftest import StoppedClock
from tests.factories import SUZIE, confirm, make_call, sign, text_told


def test_withdrawing_lets_the_total_fall_by_one_and_forgets_the_address(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call, wants_updates=True)

    supporters.withdraw(session, signature)
    supporters.withdraw(session, signature)
    session.commit()

    assert totals.for_call(session, call).total == 0
    assert (signature.state, signature.email, signature.wants_updates) == (SignatureState.WITHDRAWN, None, False)


def test_withdrawing_can_be_undone_for_a_day(session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    signature = confirm(session, call)
    supporters.withdraw(session, signature)
    stopped_clock.tick(hours=23)

    supporters.restore(session, signature)
    supporters.restore(session, signature)
    session.commit()

    assert totals.for_call(session, call).total == 1


def test_after_a_day_withdrawing_is_final_and_the_name_goes(session: Session, stopped_clock: StoppedClock) -> None:
    signature = confirm(session, make_call(session), story="Because of my grandmother.")
    supporters.withdraw(session, signature)
    session.commit()
    stopped_clock.tick(days=1, seconds=1)

    with pytest.raises(supporters.NotConfirmed):
        supporters.restore(session, signature)
    assert retention.strip_withdrawn(session, before=stopped_clock.now - timedelta(days=1), limit=10) == 1
    session.expire_all()
    assert (signature.name, text_told(signature)) == (None, None)


def test_who_withdrew_can_sign_again(session: Session) -> None:
    call = make_call(session)
    supporters.withdraw(session, confirm(session, call))

    confirm(session, call)

    assert totals.for_call(session, call).total == 1
    assert totals.drift(session) == []


def test_a_name_can_be_corrected_and_hidden(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call)

    supporters.correct(
        session, signature, shown=signature.version, name="Susanne", show_name=False, wants_updates=False
    )
    session.commit()

    assert (signature.name, signature.show_name) == ("Susanne", False)
    assert signing.newest(session, call) == []


def test_who_stops_the_news_is_forgotten(session: Session) -> None:
    signature = confirm(session, make_call(session), wants_updates=True)

    supporters.correct(session, signature, shown=signature.version, name="Suzie", show_name=True, wants_updates=False)

    assert (signature.wants_updates, signature.email) == (False, None)


def test_news_cannot_be_asked_for_once_the_address_is_forgotten(session: Session) -> None:
    signature = confirm(session, make_call(session))

    supporters.correct(session, signature, shown=signature.version, name="Suzie", show_name=True, wants_updates=True)

    assert signature.wants_updates is False


def test_a_signature_that_does_not_count_cannot_be_changed(session: Session) -> None:
    signature = sign(session, make_call(session))

    with pytest.raises(supporters.NotConfirmed):
        supporters.correct(
            session, signature, shown=signature.version, name="Mallory", show_name=True, wants_updates=False
        )


def test_erasing_leaves_nothing_and_the_total_falls(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call)

    supporters.erase(session, signature)
    session.commit()

    assert session.scalar(select(func.count()).select_from(Signature)) == 0
    assert session.scalar(select(func.count()).select_from(Letter)) == 0
    assert totals.for_call(session, call).total == 0


def test_the_export_holds_all_that_is_stored(session: Session) -> None:
    signature = confirm(session, make_call(session), story="Because.", wants_updates=True)

    data = supporters.export(session, signature)

    columns = {column.name for column in Signature.__table__.columns}
    renamed = {"wants_updates": "updates", "call_id": "call", "id": "call"}
    assert {renamed.get(name, name) for name in columns} <= set(data)
    assert (data["name"], data["email"], data["story"]["text"]) == ("Suzie Signer", "suzie@example.org", "Because.")


def test_a_change_that_names_other_words_than_those_that_stand_is_refused(session: Session) -> None:
    signature = confirm(session, make_call(session))
    shown = signature.version
    supporters.correct(session, signature, shown=shown, name="Susanne")
    session.commit()

    with pytest.raises(WordsChanged):
        supporters.correct(session, signature, shown=shown, name="Suzie")


def test_a_country_that_is_corrected_moves_in_the_figures(session: Session) -> None:
    call = make_call(session)
    signature = confirm(session, call)

    supporters.correct(session, signature, shown=signature.version, country="FR")
    session.commit()
    supporters.tell(session, signature, shown=signature.version, words=StoryWords(CallKind.PETITION, "en", "Because."))
    session.commit()

    assert totals.figures(session, call, Dimension.COUNTRY) == [("FR", 1)]
    assert (totals.for_call(session, call).total, totals.drift(session)) == (1, [])
    assert (text_told(signature), signature.name) == ("Because.", "Suzie Signer")


def test_what_the_organisers_removed_can_be_erased_and_does_not_come_back(session: Session) -> None:
    call = make_call(session)
    signature = sign(session, call)
    signature.state = SignatureState.REMOVED
    session.commit()

    supporters.erase(session, signature)
    session.commit()
    signing.sign(session, [replace(SUZIE, call=call.slug)])
    session.commit()

    assert session.scalar(select(func.count()).select_from(Signature)) == 0


def test_a_mailbox_that_wants_no_letters_gets_none_of_any_kind_until_it_says_so(session: Session) -> None:
    call, other = make_call(session), make_call(session, slug="other")
    counted = confirm(session, call, wants_updates=True)
    sign(session, other)

    supporters.silence(session, counted.email_digest)
    supporters.silence(session, counted.email_digest)
    supporters.ask_for_links(session, SUZIE.email, "en")
    signing.sign(session, [replace(SUZIE, call=other.slug, name="Mallory")])
    session.commit()

    session.expire_all()
    assert supporters.is_silenced(session, counted.email_digest)
    assert (counted.is_confirmed, counted.email, counted.wants_updates) == (True, None, False)
    assert session.scalar(select(func.count()).select_from(Signature)) == 1
    assert session.scalar(select(func.count()).where(Letter.state == LetterState.WAITING)) == 0

    supporters.unsilence(session, counted.email_digest)
    sign(session, other)

    assert session.scalar(select(func.count()).select_from(Signature)) == 2
