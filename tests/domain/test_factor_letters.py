"""What organisers read about the ways to sign in to their account."""

import email
import email.policy

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.config import Settings
from petition.domain import factor_letters, letters
from petition.lib.languages import INTERFACE
from petition.mail import rendering
from petition.models import Letter, Passkey
from tests.conftest import StoppedClock
from tests.organisers import make_organiser

EVENTS = sorted(name for name, kind in letters.KINDS.items() if kind.content is factor_letters.for_batch)


def read(app: Flask, session: Session, settings: Settings, event: str, language: str, name: str) -> tuple[str, ...]:
    """Return subject, text and HTML of a letter about a passkey of this name."""
    ann = make_organiser(session, language=language)
    passkey = Passkey(organiser_id=ann.id, credential_id=b"1", public_key=b"", name=name, created_at=ann.created_at)
    session.add(passkey)
    session.flush()
    letters.enqueue(session, [letters.for_organiser(event, ann, str(passkey.id))])
    letter = session.scalars(select(Letter)).one()
    with app.app_context():
        rendered = rendering.render(letter, letters.current_contents(session, [letter])[letter.id], settings)
    message = email.message_from_bytes(rendered.content, policy=email.policy.default)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text and html
    return str(message["Subject"]), " ".join(text.get_content().split()), html.get_content()


@pytest.mark.parametrize("language", INTERFACE)
@pytest.mark.parametrize("event", EVENTS)
def test_each_letter_says_what_happened_and_where_to_look(
    app: Flask, session: Session, settings: Settings, stopped_clock: StoppedClock, event: str, language: str
) -> None:
    subject, text, html = read(app, session, settings, event, language, "My phone")

    assert subject and "None" not in text
    for body in (text, html):
        assert "http://localhost/organise/security" in body
        assert "12:00 UTC" in body
        assert "silence" not in body
    assert ("My phone" in text) == (event in {"passkey_added", "passkey_went_back"})


def test_the_name_of_a_passkey_is_text_and_no_html(
    app: Flask, session: Session, settings: Settings, stopped_clock: StoppedClock
) -> None:
    _subject, text, html = read(app, session, settings, "passkey_added", "en", "<b>O'Neill</b>")

    assert "<b>O'Neill</b>" in text
    assert "<b>O" not in html
    assert "&lt;b&gt;O&#39;Neill&lt;/b&gt;" in html
