"""Signing in and out, and what strangers learn from it."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.app import create_app
from petition.config import Settings
from petition.domain import accounts
from petition.lib import passwords
from petition.models import AuditEntry, Organiser, OrganiserSession
from petition.web import sign_in as signing_in
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import make_organiser, sign_in

PASSWORD = "a kettle on the moon"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ann(app: Flask, session: Session) -> Organiser:
    """Give an organiser with a password."""
    return make_organiser(session, password_hash=passwords.hash_password(PASSWORD))


def fields(page: TestResponse) -> dict[str, str]:
    """Give the hidden fields of a page."""
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', page.text)
    pairs = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found]
    return {name[1]: unescape(value[1]) for name, value in pairs if name and value}


def log_in(
    client: FlaskClient, email: str = "ann@museum.example", password: str = PASSWORD, next_path: str = ""
) -> TestResponse:
    """Fill in the sign-in page and send it."""
    page = client.get("/organise/login", query_string={"next": next_path} if next_path else {})
    typed = {"email": email, "password": password}
    return client.post("/organise/login", data=fields(page) | typed, headers={"User-Agent": FIREFOX})


def is_in(client: FlaskClient) -> bool:
    """Whether the account's page opens."""
    return client.get("/organise/account").status_code == 200


def test_a_right_password_signs_in_and_leads_where_somebody_wanted_to_go(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    sent_away = client.get("/organise/account?a=1")
    answer = log_in(client, " ANN@Museum.example ", next_path="/organise/account?a=1")

    assert sent_away.location == "/organise/login?next=/organise/account?a%3D1"
    assert (answer.status_code, answer.location) == (303, "/organise/account?a=1")
    assert is_in(client)
    row = session.scalars(select(OrganiserSession)).one()
    assert row.device == "Firefox, Linux"
    assert session.scalars(select(AuditEntry.action)).all() == ["sign_in"]


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/en/", "/organise//evil", "/organise/..", "/organise/\\x", ""]
)
def test_nobody_is_led_elsewhere_after_signing_in(client: FlaskClient, ann: Organiser, path: str) -> None:
    assert log_in(client, next_path=path).location == "/organise/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: FlaskClient, ann: Organiser) -> None:
    wrong = log_in(client, password="something else entirely")
    unknown = log_in(client, "chris@elsewhere.example")

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert "The address or the password is not right." in wrong.text

    def plain(page: TestResponse) -> str:
        return re.sub(r'name="token"[^>]*>|value="[^"]*@[^"]*"', "", page.text)

    assert plain(wrong) == plain(unknown)
    assert "something else entirely" not in wrong.text
    assert not is_in(client)


def test_somebody_without_a_password_cannot_sign_in_with_none(
    client: FlaskClient, session: Session, app: Flask
) -> None:
    make_organiser(session)

    assert log_in(client, password="").status_code == 422
    assert log_in(client, password="None").status_code == 422


def test_signing_out_ends_the_session_of_that_cookie_for_good(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    log_in(client)
    old = client.get_cookie("organiser")
    assert old
    token = fields(client.get("/organise/account"))["csrf_token"]

    assert client.post("/organise/logout").status_code == 403
    assert client.post("/organise/logout", data={"csrf_token": token}).status_code == 303

    assert client.get_cookie("organiser") is None
    client.set_cookie("organiser", old.value)
    assert not is_in(client)
    assert session.scalars(select(OrganiserSession)).all() == []


def test_a_session_ends_when_it_is_left_alone_and_after_two_weeks_in_any_case(
    client: FlaskClient, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    log_in(client)
    stopped_clock.tick(hours=11)
    assert is_in(client)
    for _hours in range(0, 14 * 24, 10):
        stopped_clock.tick(hours=10)
        last = is_in(client)
    assert not last

    log_in(client)
    stopped_clock.tick(hours=12)
    assert not is_in(client)


def test_an_old_cookie_is_refused_in_every_process_after_a_password_change(
    client: FlaskClient, session: Session, settings: Settings, ann: Organiser
) -> None:
    other = create_app(settings)
    other_process = other.test_client()
    sign_in(other_process, session, ann)
    token = sign_in(client, session, ann)
    assert is_in(other_process)

    changed = client.post(
        "/organise/account/password",
        data={"csrf_token": token, "old_password": PASSWORD, "password": "seven teapots in a drawer"},
    )

    assert changed.status_code == 303
    assert is_in(client)
    assert not is_in(other_process)
    assert log_in(other_process).status_code == 422
    other.extensions["engine"].dispose()


def test_a_session_that_was_ended_does_not_come_back_with_a_request_under_way(
    client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    sign_in(client, session, ann)
    row = accounts.find_session(session, session.scalars(select(OrganiserSession.digest)).one())
    assert row
    accounts.end_sessions(session, ann)
    accounts.save_session(session, row._replace(content={"still": "here"}))
    session.commit()

    assert not is_in(client)


def test_a_deleted_account_is_signed_out(client: FlaskClient, session: Session, ann: Organiser) -> None:
    sign_in(client, session, ann)
    accounts.delete_account(session, ann)
    session.commit()

    assert not is_in(client)
    assert client.post("/organise/account/profile", data={"name": "Ann"}).status_code == 303


def test_a_new_browser_is_told_by_letter_and_known_from_then_on(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    log_in(client)
    log_in(client)

    assert [letter.template for letter in factories.letters(session)] == ["new_device"]
    cookie = client.get_cookie("device")
    assert cookie and cookie.http_only and cookie.same_site == "Lax"


@pytest.mark.settings(base_url="https://petition.example")
def test_cookies_over_https_belong_to_this_host_alone(client: FlaskClient, ann: Organiser) -> None:
    page = client.get("/organise/login", base_url="https://petition.example")
    answer = client.post(
        "/organise/login",
        data=fields(page) | {"email": ann.email, "password": PASSWORD},
        base_url="https://petition.example",
    )

    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-device", "__Host-organiser"}
    assert all(
        all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")) and "Domain" not in cookie
        for cookie in cookies
    )


@pytest.mark.settings(rate_limits="on")
def test_no_stranger_locks_an_owner_out_of_a_browser_that_they_know(
    app: Flask, client: FlaskClient, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    assert log_in(client).status_code == 303
    client.delete_cookie("organiser")
    mallory = app.test_client()
    answers = [log_in(mallory, password="guess number one") for _try in range(12)]

    assert answers[-1].status_code == 429
    assert "There were too many tries." in answers[-1].text
    assert log_in(app.test_client()).status_code == 429
    assert log_in(client).status_code == 303
    assert log_in(mallory, "bob@museum.example").status_code == 422


def test_the_form_of_another_site_signs_nobody_in(client: FlaskClient, ann: Organiser) -> None:
    page = client.get("/organise/login")
    typed = fields(page) | {"email": ann.email, "password": PASSWORD}

    assert client.post("/organise/login", data=typed, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/organise/login", data={"email": ann.email, "password": PASSWORD}).status_code == 422
    assert not is_in(client)


def test_a_password_is_never_written_back_into_a_page(client: FlaskClient, ann: Organiser) -> None:
    assert PASSWORD not in log_in(client, "no address", PASSWORD).text


def test_a_second_factor_is_asked_for_within_minutes_and_while_the_password_is_the_same(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    if "second_factor.verify" not in app.view_functions:
        app.add_url_rule("/organise/second-step", "second_factor.verify")
    ann.totp_secret = b"secret"
    session.commit()

    assert log_in(client, next_path="/organise/account").location == "/organise/second-step"

    assert not is_in(client)
    assert _pending(app, client) == ann.id
    stopped_clock.tick(minutes=11)
    assert _pending(app, client) is None
    log_in(client)
    accounts.change_password(session, session.get_one(Organiser, ann.id), "seven teapots in a drawer")
    session.commit()
    assert _pending(app, client) is None


def _pending(app: Flask, client: FlaskClient) -> int | None:
    """Return the id of the person whose second step this browser waits for."""
    cookie = client.get_cookie("organiser")
    assert cookie
    with app.test_request_context("/organise/", headers={"Cookie": f"organiser={cookie.value}"}):
        person = signing_in.find_pending()
        return person.id if person else None
