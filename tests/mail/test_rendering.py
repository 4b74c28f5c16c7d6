"""Letters whose values are substituted say the same as letters that are rendered one by one."""

import email.policy
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from functools import partial

import flask_mail
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition.domain import letters, supporters
from petition.lib import tokens
from petition.lib.languages import INTERFACE
from petition.mail import rendering
from petition.mail.errors import PermanentFailure
from petition.mail.message import placeholder, quoted_printable
from petition.mail.transport import RenderedMessage, check_recipient
from petition.models import Call, CallText, Letter, LetterState
from tests.conftest import StoppedClock
from tests.factories import SUZIE, confirm, make_call, sign

ONE_DATABASE = pytest.mark.parametrize("dialect", ["sqlite"])
TITLES = [
    "Keep culture open",
    "=3D = Öffnet <b>alles</b> & „jetzt“, κύριε = ",
    ".\n.. From here " + "ďábelsky dlouhé slovo " * 8,
    "x" * 199,
]


def to_confirm(session: Session, language: str) -> None:
    sign(session, session.scalars(select(Call)).one(), language=language)


def signed_already(session: Session, language: str) -> None:
    call = session.scalars(select(Call)).one()
    confirm(session, call)
    session.execute(update(Letter).values(state=LetterState.SENT))
    sign(session, call, language=language)


def one_signature(session: Session, language: str) -> None:
    confirm(session, session.scalars(select(Call)).one())
    asked_for(session, language)


def two_signatures(session: Session, language: str) -> None:
    confirm(session, session.scalars(select(Call)).one())
    sign(session, make_call(session, slug="waiting"))
    asked_for(session, language)


def asked_for(session: Session, language: str) -> None:
    session.execute(update(Letter).values(state=LetterState.SENT))
    supporters.ask_for_links(session, SUZIE.email, language)
    session.commit()


def rendered(app: Flask, session: Session) -> tuple[RenderedMessage, bytes]:
    """Give the letter that waits as it goes out, and as it is when it is rendered for itself by Flask-Mail."""
    (letter,) = letters.claim(session, 100)
    session.commit()
    content = letters.current_contents(session, [letter])[letter.id]
    settings = app.config["PETITION"]
    flask_mail.Mail(app)
    with app.app_context():
        message = rendering.compose(
            rendering.template_key(letter, content, settings),
            [partial(tokens.make, payload=entry.link_id) for entry in content.entries],
            silence=rendering.silence(letter),
            recipient=letter.recipient or "",
            message_id=f"{letter.id}.{int(letter.created_at.timestamp())}",
        )
        return rendering.render(letter, content, settings), flask_mail.Message.as_bytes(message)


def parsed(content: bytes) -> EmailMessage:
    message: EmailMessage = message_from_bytes(content, policy=email.policy.default)
    return message


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    encodings = {"content-transfer-encoding", "content-type"}
    # Python's own folding adds and loses spaces in a long subject.
    return [(name, value.replace(" ", "")) for name, value in message.items() if name.lower() not in encodings]


def parts(message: EmailMessage) -> list[tuple[str, str]]:
    return [
        (part.get_content_type(), part.get_content().replace("\r\n", "\n"))
        for part in message.walk()
        if not part.is_multipart()
    ]


@ONE_DATABASE
@pytest.mark.parametrize("title", TITLES, ids=["plain", "signs", "dots", "long"])
@pytest.mark.parametrize("language", INTERFACE)
@pytest.mark.parametrize("cause", [to_confirm, signed_already, one_signature, two_signatures, asked_for])
def test_a_template_with_values_substituted_reads_like_a_letter_rendered_for_itself(
    app: Flask,
    session: Session,
    stopped_clock: StoppedClock,
    cause: Callable[[Session, str], None],
    language: str,
    title: str,
) -> None:
    call = make_call(session, slug="a-very-long-name-" * 4 + "call")
    session.execute(update(CallText).where(CallText.call_id == call.id).values(title=title))
    app.config["PETITION"] = app.config["PETITION"].model_copy(
        update={"base_url": "https://a-long-name-of-a-host.petition.example"}
    )
    cause(session, language)

    ready, slow = rendered(app, session)

    quick, alone = parsed(ready.content), parsed(slow)
    assert ready.recipient == SUZIE.email
    assert headers(quick) == headers(alone)
    assert parts(quick) == parts(alone)
    assert quick.defects == [] == [defect for part in quick.walk() for defect in part.defects]
    assert ready.content.isascii()
    assert ready.content.count(b"\n") == ready.content.count(b"\r\n") == ready.content.count(b"\r")
    assert max(map(len, ready.content.partition(b"\r\n\r\n")[2].splitlines())) <= 76
    assert max(map(len, ready.content.splitlines())) <= 78
    assert message_from_bytes(ready.content, policy=email.policy.SMTP).as_bytes() == ready.content


@ONE_DATABASE
def test_a_letter_takes_new_words_of_its_call_at_once(app: Flask, session: Session) -> None:
    call = make_call(session)
    sign(session, call)
    assert b"Keep culture open" in rendered(app, session)[0].content

    session.execute(update(CallText).values(title="Open it wider"))
    session.execute(update(Letter).values(state=LetterState.SENT))
    sign(session, call)

    assert b"Open it wider" in rendered(app, session)[0].content


@ONE_DATABASE
def test_each_letter_has_its_own_links_and_number(app: Flask, session: Session, stopped_clock: StoppedClock) -> None:
    call = make_call(session)
    seen = set()
    for name in ("ann", "bob"):
        signature = sign(session, call, email=f"{name}@example.org")
        content = rendered(app, session)[0].content
        message = parsed(content)
        links = [line for line in parts(message)[0][1].splitlines() if "/confirm/" in line]
        assert tokens.read("confirm", links[0].rpartition("/")[2], timedelta(days=7)) == signature.link_id
        assert message["To"] == f"{name}@example.org"
        seen.add(message["Message-ID"])
        stopped_clock.tick(seconds=1)

    assert len(seen) == 2


@pytest.mark.parametrize("length", range(60, 80))
def test_no_line_around_a_placeholder_is_too_long(length: int) -> None:
    text = f"{'é=' if length % 2 else 'x'}{'a' * length}{placeholder('me')}{'b' * length}\n"

    lines = quoted_printable(text.encode()).splitlines()

    assert placeholder("me") in {line.removesuffix("=") for line in lines}
    assert max(len(line) for line in lines if placeholder("me") not in line) <= 76


@pytest.mark.parametrize(
    "address", ["", "suzie", "a@b\r\nRCPT TO:<c@d>", "a@b\n", "a b@c", "a@b> <c@d", "añn@example.org", "a@exämple.org"]
)
def test_an_address_that_could_say_more_is_refused(address: str) -> None:
    with pytest.raises(PermanentFailure):
        check_recipient(address)
