"""What visitors see when they sign and confirm."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.models import Call, CallText
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import signatures
from tests.mail.mailservers import send_to
from tests.servers import MailServer
from tests.visitor import form_token, sign

PATH = "/en/calls/open-culture"


def test_signing_leads_to_the_page_that_asks_to_check_the_mail(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    answer = sign(client, stopped_clock)

    assert (answer.status_code, answer.location) == (303, f"{PATH}/check-mail")
    assert client.get(answer.location).status_code == 200
    (signature,) = signatures(session)
    assert (signature.name, signature.country, signature.show_name) == ("Suzie Signer", "NL", False)


def test_the_page_names_the_subject_of_the_letter(
    app: Flask, client: FlaskClient, call: Call, session: Session, smtp: MailServer
) -> None:
    session.execute(update(CallText).values(title="Keep culture open, " * 10))
    factories.sign(session, call)

    send_to(app, smtp)

    ((_, _, message),) = smtp.messages
    assert message["Subject"].endswith("open, Keep culture open…")
    assert f">{message['Subject']}<" in client.get(f"{PATH}/check-mail").text


def test_the_answer_is_the_same_for_new_waiting_and_confirmed_addresses(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.sign(session, call, email="waiting@example.org")
    factories.confirm(session, call, email="confirmed@example.org")

    answers = [
        sign(client, stopped_clock, email=email)
        for email in ("new@example.org", "waiting@example.org", "confirmed@example.org")
    ]

    assert len({(answer.status, answer.data, tuple(answer.headers)) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Please write your name."),
        ("name", "   ", "Please write your name."),
        ("name", "Cheap pills https://spam.example", "leave web addresses out"),
        ("name", "www.spam.example", "leave web addresses out"),
        ("name", "spam.com", "leave web addresses out"),
        ("name", "Suzie\x00", "cannot be shown"),
        ("name", "Suzie \u202egnp.exe", "cannot be shown"),
        ("name", "Suzie \u2066x\u2069", "cannot be shown"),
        ("name", "=HYPERLINK(1)", "cannot begin with"),
        ("name", "+1", "cannot begin with"),
        ("name", "-Suzie", "cannot begin with"),
        ("name", "@suzie", "cannot begin with"),
        ("name", "12345", "at least one letter"),
        ("name", "S" * 81, "80 characters"),
        ("email", "", "Please write your e-mail address."),
        ("email", "suzie", "should look like name@example.org"),
        ("email", "suzie@", "should look like name@example.org"),
        ("email", "suzie@example", "should look like name@example.org"),
        ("email", "süzie@example.org", "without accents"),
        ("email", "suzie@example.org\r\nBcc: all@example.org", "should look like name@example.org"),
        ("email", "suzie\x00@example.org", "should look like name@example.org"),
        ("email", "a" * 300 + "@example.org", "should look like name@example.org"),
        ("country", "XX", "choose a country from the list"),
        ("country", "NLD", "choose a country from the list"),
        ("story", "S" * 501, "500 characters"),
        ("story", "Hidden \u202e text", "cannot be shown"),
        ("story", "NUL \x00", "cannot be shown"),
        ("consent", None, "without your consent"),
        ("website", "https://spam.example", "leave this field empty"),
        ("token", None, "did not come from this page"),
        ("token", "forged", "did not come from this page"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(
    client: FlaskClient,
    call: Call,
    session: Session,
    stopped_clock: StoppedClock,
    field: str,
    value: str,
    sentence: str,
) -> None:
    answer = sign(client, stopped_clock, **{"story": "My reason.", field: value})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Error:" in answer.text
    assert field == "story" or "My reason." in answer.text
    assert signatures(session) == []


@pytest.mark.parametrize(
    "name", ["Zoë", "Μαρία", "Борис", "محمد", "李", "O’Neill-Śmith", "Nguyễn Thị Minh", "S" * 80, "J. R. R. Tolkien"]
)
def test_names_of_all_of_europe_and_beyond_are_welcome(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock, name: str
) -> None:
    assert sign(client, stopped_clock, name=name).status_code == 303
    assert [signature.name for signature in signatures(session)] == [name]


def test_a_name_is_kept_in_composed_form(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    sign(client, stopped_clock, name="Zoe\u0308")

    assert [signature.name for signature in signatures(session)] == ["Zoë"]


def test_an_international_domain_is_welcome(
    client: FlaskClient, call: Call, session: Session, stopped_clock: StoppedClock
) -> None:
    assert sign(client, stopped_clock, email="suzie@münchen.de").status_code == 303
    assert [signature.email for signature in signatures(session)] == ["suzie@xn--mnchen-3ya.de"]


def test_a_form_that_is_sent_within_two_seconds_asks_to_press_again_and_then_works(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(seconds=1.999)

    early = sign_with(client, token)
    stopped_clock.tick(seconds=0.001)
    again = sign_with(client, token)

    assert (early.status_code, again.status_code) == (422, 303)
    assert "very fast" in early.text


def test_a_form_can_be_sent_for_twelve_hours_and_more_than_once(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(hours=12)
    assert sign_with(client, token).status_code == sign_with(client, token).status_code == 303

    stopped_clock.tick(seconds=1)

    assert "long time" in sign_with(client, token).text


def sign_with(client: FlaskClient, token: str, **changes: str) -> TestResponse:
    fields = {"name": "Suzie", "email": "suzie@example.org", "consent": "y", "token": token}
    return client.post(f"{PATH}/sign", data=fields | changes)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_a_form_sent_from_another_site_is_refused(
    client: FlaskClient, call: Call, session: Session, headers: dict[str, str]
) -> None:
    assert client.post(f"{PATH}/sign", headers=headers).status_code == 403


@pytest.mark.settings(rate_limits="on")
def test_a_network_that_signs_too_often_is_told_when_to_come_back_and_keeps_what_was_typed(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    for number in range(60):
        assert sign(client, stopped_clock, email=f"suzie{number}@example.org").status_code == 303

    answer = sign(client, stopped_clock, email="one.more@example.org", story="My reason.")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "My reason." in answer.text


@pytest.mark.settings(rate_limits="on", trusted_proxies=1)
def test_a_forged_forwarding_header_does_not_help_behind_one_proxy(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(seconds=3)

    answers = [
        client.post(
            f"{PATH}/sign",
            data={"name": "Suzie", "email": f"s{number}@example.org", "consent": "y", "token": token},
            headers={"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.7"},
        ).status_code
        for number in range(61)
    ]

    assert answers == [303] * 60 + [429]


@pytest.mark.settings(rate_limits="on")
def test_a_forwarding_header_is_not_believed_without_a_proxy(
    client: FlaskClient, call: Call, stopped_clock: StoppedClock
) -> None:
    token = form_token(client.get(PATH))
    stopped_clock.tick(seconds=3)

    answers = {
        client.post(
            f"{PATH}/sign",
            data={"name": "Suzie", "email": f"s{number}@example.org", "consent": "y", "token": token},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(61)
    }

    assert answers == {303, 429}
