"""What letters say: decided when they are sent, from the state of things at that moment."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from petition.domain import confirming, letter_contents, letters, supporters
from petition.domain.letter_contents import SignatureContext
from petition.domain.letters import Entry
from petition.lib import email_addresses
from petition.models import CONFIRM_WITHIN, CallState, CallText, Letter, LetterState
from tests.conftest import StoppedClock
from tests.factories import SUZIE, confirm, make_call, sign


def context(entry: Entry) -> SignatureContext:
    assert isinstance(entry.context, SignatureContext)
    return entry.context


def said(session: Session) -> list[tuple[str, list[str]]]:
    """Give what the waiting letters would say now: template and titles."""
    batch = session.scalars(select(Letter).order_by(Letter.id)).all()
    found = letter_contents.for_batch(session, batch)
    return [(content.template, [context(entry).title for entry in content.entries]) for content in found.values()]


def test_a_letter_asks_to_confirm_what_is_pending(session: Session) -> None:
    sign(session, make_call(session))

    assert said(session) == [("confirm_signature", ["Keep culture open"])]


def test_a_letter_to_somebody_who_has_confirmed_meanwhile_says_so(session: Session) -> None:
    confirm(session, make_call(session))

    assert said(session) == [("already_signed", ["Keep culture open"])]


def test_there_is_nothing_to_say_when_the_signature_was_withdrawn(session: Session) -> None:
    signature = confirm(session, make_call(session))
    supporters.withdraw(session, signature)
    session.commit()

    assert said(session) == []


def test_there_is_nothing_to_say_when_the_signature_is_gone(session: Session) -> None:
    signature = sign(session, make_call(session))
    confirming.disown(session, signature)
    session.commit()

    assert said(session) == []


@pytest.mark.parametrize("state", [CallState.REMOVED, CallState.DRAFT])
def test_there_is_nothing_to_say_about_a_call_that_was_taken_away(session: Session, state: CallState) -> None:
    call = make_call(session)
    sign(session, call)
    confirm(session, call, email="chris@example.org")
    call.state = state
    session.commit()

    assert said(session) == []


def test_a_list_of_signatures_has_those_of_calls_that_were_taken_away_too_as_they_can_be_erased(
    session: Session,
) -> None:
    confirm(session, make_call(session))
    confirm(session, make_call(session, slug="removed")).call.state = CallState.REMOVED
    session.execute(update(Letter).values(state=LetterState.SENT))
    supporters.ask_for_links(session, SUZIE.email, "en")
    session.commit()

    (letter,) = letters.claim(session, 100)
    entries = letter_contents.for_batch(session, [letter])[letter.id].entries

    assert [context(entry).slug for entry in entries] == ["open-culture", "removed"]


@pytest.mark.parametrize(("hours", "letters_to_write"), [(47.9, 1), (48, 0)], ids=["just-in-time", "too-late"])
def test_there_is_nothing_to_confirm_24_hours_after_closing(
    session: Session, stopped_clock: StoppedClock, hours: float, letters_to_write: int
) -> None:
    sign(session, make_call(session, closes_at=stopped_clock.now + timedelta(hours=24)))

    stopped_clock.tick(hours=hours)

    assert len(said(session)) == letters_to_write


@pytest.mark.parametrize(("days", "letters_to_write"), [(6.9, 1), (7, 0)], ids=["just-in-time", "too-late"])
def test_there_is_nothing_to_confirm_7_days_after_signing(
    session: Session, stopped_clock: StoppedClock, days: float, letters_to_write: int
) -> None:
    sign(session, make_call(session))

    stopped_clock.tick(days=days)

    assert len(said(session)) == letters_to_write


def test_the_letter_names_the_moment_after_which_it_is_too_late(session: Session, stopped_clock: StoppedClock) -> None:
    def until(closes_at: datetime | None) -> datetime:
        call = make_call(session, slug=f"closes-{closes_at:%d}" if closes_at else "open", closes_at=closes_at)
        sign(session, call)
        letter = session.scalars(select(Letter).where(Letter.call_id == call.id)).one()
        return context(letter_contents.for_batch(session, [letter])[letter.id].entries[0]).confirm_until

    now = stopped_clock.now
    assert until(None) == now + timedelta(days=7)
    assert until(now + timedelta(days=2)) == now + timedelta(days=3)
    assert until(now + timedelta(days=20)) == now + timedelta(days=7)


def test_the_letter_and_the_link_agree_on_how_long_there_is_to_confirm() -> None:
    assert letters.LINK_LIFETIMES["confirm"] == CONFIRM_WITHIN


def test_somebody_who_asks_gets_all_signatures_in_whatever_state(session: Session) -> None:
    confirm(session, make_call(session))
    sign(session, make_call(session, slug="waiting"))
    supporters.withdraw(session, confirm(session, make_call(session, slug="withdrawn")))
    confirm(session, make_call(session, slug="not-hers"), email="chris@example.org")
    session.execute(update(Letter).values(state=LetterState.SENT))
    supporters.ask_for_links(session, SUZIE.email, "en")
    session.commit()

    (letter,) = letters.claim(session, 100)
    content = letter_contents.for_batch(session, [letter])[letter.id]

    assert content.template == "my_signatures"
    found = [(context(entry).slug, context(entry).state) for entry in content.entries]
    assert found == [("open-culture", "confirmed"), ("waiting", "pending"), ("withdrawn", "withdrawn")]


def test_somebody_who_asks_without_having_signed_is_told(session: Session) -> None:
    supporters.ask_for_links(session, "chris@example.org", "en")
    session.commit()

    assert said(session) == [("no_signatures", [])]


def test_a_letter_takes_the_words_of_its_language_or_else_of_the_call(session: Session) -> None:
    call = make_call(session)
    for language in ("fr", "de"):
        sign(session, call, language=language, email=f"{language}@example.org")

    batch = session.scalars(select(Letter).order_by(Letter.id)).all()
    entries = [content.entries[0] for content in letter_contents.for_batch(session, batch).values()]

    assert [(context(entry).title, context(entry).language) for entry in entries] == [
        ("Gardons la culture ouverte", "fr"),
        ("Keep culture open", "en"),
    ]


def test_a_call_without_words_still_gets_its_letters_out(session: Session) -> None:
    call = make_call(session)
    sign(session, call)
    for text in session.scalars(select(CallText)):
        session.delete(text)
    session.commit()

    assert said(session) == [("confirm_signature", ["open-culture"])]


def test_many_letters_take_no_more_queries_than_one(session: Session) -> None:
    calls = [make_call(session, slug=f"call-{number}") for number in range(3)]
    for number in range(12):
        sign(session, calls[number % 3], email=f"signer-{number}@example.org")
    batch = letters.claim(session, 100)
    session.commit()
    session.expunge_all()

    queries: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: queries.append(args[2]))
    found = letter_contents.for_batch(session, batch)

    assert len(found) == 12
    assert {context(entry).accent for content in found.values() for entry in content.entries} == {"sea"}
    assert len(queries) == 2


@pytest.mark.parametrize("alias", ["su.zie@gmail.com", "suzie+zz@googlemail.com"])
def test_an_alias_of_a_mailbox_that_signed_gets_no_key_to_the_signature(session: Session, alias: str) -> None:
    call = make_call(session)
    confirm(session, call, email="suzie@gmail.com")
    session.execute(update(Letter).values(state=LetterState.SENT))
    sign(session, call, email=alias)
    supporters.ask_for_links(session, alias, "en")
    session.commit()

    batch = letters.claim(session, 100)
    contents = letter_contents.for_batch(session, batch)

    assert [contents[letter.id].template for letter in batch] == ["signed_with_another_address", "no_signatures"]
    assert [entry.link_id for content in contents.values() for entry in content.entries] == [""]


def test_a_row_from_before_addresses_were_told_apart_belongs_to_the_plain_address(session: Session) -> None:
    confirm(session, make_call(session)).address_digest = None
    session.execute(update(Letter).values(state=LetterState.SENT))
    for email in ("suzie@example.org", "suzie+zz@example.org"):
        digest = email_addresses.digest("suzie@example.org")
        letters.enqueue(session, [letters.NewLetter("my_signatures", email, digest, "en")])
        session.commit()
        (letter,) = letters.claim(session, 100)
        content = letter_contents.for_batch(session, [letter])[letter.id]
        assert content.template == ("no_signatures" if "+" in email else "my_signatures")
        letters.mark_sent(session, [letter])
        session.commit()
