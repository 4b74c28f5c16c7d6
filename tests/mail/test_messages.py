"""What people read in their letters."""

import re
from datetime import timedelta
from email.message import EmailMessage

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import confirming, supporters
from petition.lib import tokens
from petition.models import CallText, Letter
from tests.conftest import StoppedClock
from tests.factories import SUZIE, confirm, letters_by_state, make_call, sign, the_letter
from tests.mail.mailservers import send_to
from tests.servers import MailServer


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def links(message: EmailMessage) -> list[str]:
    return re.findall(r"^http\S+$", part(message, "plain"), re.MULTILINE)


def read_one(app: Flask, smtp: MailServer) -> EmailMessage:
    """Send what is due and give the only letter that arrives."""
    send_to(app, smtp)
    ((_, _, message),) = smtp.messages
    return message


def test_a_signer_gets_a_letter_with_a_link_to_confirm(app: Flask, session: Session, smtp: MailServer) -> None:
    signature = sign(session, make_call(session))

    message = read_one(app, smtp)

    assert message["Subject"] == "Confirm your signature: Keep culture open"
    call_url, confirm_url, not_me_url, silence_url = links(message)
    assert silence_url.startswith("http://localhost/en/silence/")
    assert call_url == "http://localhost/en/calls/open-culture"
    assert confirm_url.startswith("http://localhost/en/confirm/")
    assert not_me_url.startswith("http://localhost/en/not-me/")
    week = timedelta(days=7)
    assert tokens.read("confirm", confirm_url.rpartition("/")[2], week) == signature.link_id
    assert tokens.read("not-me", not_me_url.rpartition("/")[2], week) == signature.link_id
    assert {confirm_url, not_me_url} <= set(re.findall(r'href="([^"]+)"', part(message, "html")))


def test_the_letter_goes_to_one_person_and_says_what_it_is(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session))

    send_to(app, smtp)

    ((sender, recipients, message),) = smtp.messages
    assert (sender, recipients) == ("petition@petition.example", [SUZIE.email])
    assert (message["From"], message["To"]) == ("Petition <petition@petition.example>", SUZIE.email)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    letter = the_letter(session)
    assert message["Message-ID"] == f"<{letter.id}.{int(letter.created_at.timestamp())}@localhost>"
    assert [len(message.get_all(name, [])) for name in ("Date", "Message-ID", "To", "Subject")] == [1, 1, 1, 1]
    assert message.defects == []


def test_the_letter_is_in_the_language_of_its_reader(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session), language="fr")

    message = read_one(app, smtp)

    assert "Gardons la culture ouverte" in message["Subject"]
    assert all(link.startswith("http://localhost/fr/") for link in links(message))
    assert '<html lang="fr">' in part(message, "html")


def test_words_in_another_language_than_the_letter_are_marked(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session), language="de")

    html = part(read_one(app, smtp), "html")

    assert '<html lang="de">' in html
    assert re.search(r'<a[^>]* lang="en"[^>]*>Keep culture open<', html)


def test_who_opens_the_mailbox_reads_what_is_left_to_do_and_who_writes(
    app: Flask, session: Session, smtp: MailServer
) -> None:
    call = make_call(session)
    call.campaign.hashtag = "#Öffnet<b>"
    session.commit()
    sign(session, call)

    message = read_one(app, smtp)

    text, html = part(message, "plain"), part(message, "html")
    step = "One step is left: your signature counts once you have confirmed it."
    assert text.startswith(step)
    assert re.findall(r">\s*(\w[^<]+)", html.partition("<body")[2])[0] == step
    assert "We write on behalf of the campaign #Öffnet<b>." in " ".join(text.split())
    assert "We write on behalf of the campaign #Öffnet&lt;b&gt;." in html


def test_the_link_ends_at_a_minute_of_utc(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    sign(session, make_call(session), language="de")

    text = part(read_one(app, smtp), "plain")

    assert "bis zum 8. Juni 2026, 12:00 UTC" in " ".join(text.split())


def test_nothing_that_a_signer_typed_is_in_the_letter(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session), name="Buy my pills", story="At pills dot example")

    send_to(app, smtp)

    ((_, _, message),) = smtp.messages
    everything = message.as_string() + part(message, "plain") + part(message, "html")
    assert "pills" not in everything


def test_no_line_of_the_text_is_long_except_for_links(app: Flask, session: Session, smtp: MailServer) -> None:
    sign(session, make_call(session))

    lines = part(read_one(app, smtp), "plain").splitlines()

    assert [line for line in lines if len(line) > 72 and not line.startswith("http")] == []
    assert max(map(len, lines)) < 200


def test_a_title_stays_a_title(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    for words in session.scalars(select(CallText)):
        words.title = "Öffnet <b>alles</b>,\r\nBcc: everybody@example.org " + "sehr " * 30
    session.commit()
    sign(session, call)

    send_to(app, smtp)

    ((_, recipients, message),) = smtp.messages
    assert recipients == [SUZIE.email]
    assert message["Bcc"] is None
    assert message.as_bytes().isascii()
    assert message["Subject"].startswith(
        "Confirm your signature: Öffnet <b>alles</b>, Bcc: everybody@example.org sehr sehr"
    )
    assert "&lt;b&gt;alles&lt;/b&gt;" in part(message, "html")
    assert "Öffnet <b>alles</b>" in part(message, "plain")


def test_who_has_signed_already_is_told_and_gets_the_link_to_the_signature(
    app: Flask, session: Session, smtp: MailServer
) -> None:
    call = make_call(session)
    signature = confirm(session, call)
    session.delete(the_letter(session))
    session.flush()
    sign(session, call, name="Mallory")

    message = read_one(app, smtp)

    assert message["Subject"] == "You have already signed: Keep culture open"
    me_url = links(message)[1]
    assert tokens.read("me", me_url.rpartition("/")[2], timedelta(days=30)) == signature.link_id
    assert "/confirm/" not in message.as_string()


def test_no_letter_goes_out_about_a_signature_that_is_gone(app: Flask, session: Session, smtp: MailServer) -> None:
    call = make_call(session)
    confirming.disown(session, sign(session, call))
    session.commit()

    done = send_to(app, smtp)

    assert done.counts == {"obsolete": 1}
    assert smtp.messages == []
    assert letters_by_state(session) == {}


def test_no_letter_asks_for_a_confirmation_that_comes_too_late(
    app: Flask, session: Session, smtp: MailServer, stopped_clock: StoppedClock
) -> None:
    sign(session, make_call(session, closes_at=stopped_clock.now + timedelta(hours=1)))
    stopped_clock.tick(hours=25)

    send_to(app, smtp)

    assert smtp.messages == []
    assert letters_by_state(session) == {}


def test_one_letter_holds_links_to_all_signatures_of_an_address(app: Flask, session: Session, smtp: MailServer) -> None:
    counted = confirm(session, make_call(session)).link_id
    waiting = sign(session, make_call(session, slug="waiting")).link_id
    for letter in session.scalars(select(Letter)):
        session.delete(letter)
    supporters.ask_for_links(session, "SUZIE@example.org", "en")
    session.commit()

    message = read_one(app, smtp)

    assert message["Subject"] == "Your signatures at localhost"
    first_call, me_url, second_call, confirm_url, _silence_url = links(message)
    assert tokens.read("me", me_url.rpartition("/")[2], timedelta(days=30)) == counted
    assert tokens.read("confirm", confirm_url.rpartition("/")[2], timedelta(days=7)) == waiting
    assert [first_call[-12:], second_call[-7:]] == ["open-culture", "waiting"]


def test_who_asks_for_links_without_having_signed_is_told(app: Flask, session: Session, smtp: MailServer) -> None:
    supporters.ask_for_links(session, "chris@example.org", "en")
    session.commit()

    message = read_one(app, smtp)

    assert message["Subject"] == "No signature with your address at localhost"
    assert links(message)[:-1] == ["http://localhost/en/my-signatures", "http://localhost/en/"]
