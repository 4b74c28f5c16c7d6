"""Signing in with a code after the password, and with a passkey in place of it."""

from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.domain import factors
from petition.lib import passkeys, totp
from petition.models import Challenge, Organiser, OrganiserSession
from tests.authenticator import Authenticator
from tests.conftest import StoppedClock
from tests.organisers import make_organiser, sign_in

HERE = passkeys.relying_party("http://localhost")
SECRET = totp.new_secret()
STEP = "/organise/second-step"


def with_totp(session: Session, clock: StoppedClock, name: str = "Ann") -> tuple[Organiser, list[str]]:
    """Return somebody whose app is on, and their recovery codes."""
    person = make_organiser(session, name)
    codes = factors.turn_totp_on(session, person, secret=SECRET, code=code(clock))
    session.commit()
    clock.tick(minutes=2)
    return person, codes


def code(clock: StoppedClock) -> str:
    return pyotp.TOTP(SECRET).at(clock.now)


def after_password(client: FlaskClient, session: Session, clock: StoppedClock, person: Organiser) -> str:
    """Let somebody's password have been right just now; returns the token for the next form."""
    token = sign_in(client, session, person)
    row = session.scalars(select(OrganiserSession).where(OrganiserSession.organiser_id == person.id)).one()
    row.organiser_id, row.content = None, row.content | {"pending": pending(person, clock)}
    session.commit()
    return token


def pending(person: Organiser, clock: StoppedClock) -> dict[str, Any]:
    return {
        "organiser_id": person.id,
        "password": person.password_link_id,
        "at": clock.now.isoformat(),
        "next": "/organise/security",
    }


def signed_in(client: FlaskClient) -> bool:
    return client.get("/organise/security").status_code == 200


def register(session: Session, person: Organiser) -> Authenticator:
    phone = Authenticator()
    factors.add_passkey(
        session, person, HERE, name="Phone", answer=phone.create(factors.ask_new_passkey(session, person, HERE))
    )
    session.commit()
    return phone


def post(client: FlaskClient, path: str, body: Any = None, **headers: str) -> TestResponse:
    """Send JSON as the script of a page does."""
    return client.post(f"/organise/passkey/{path}", json={} if body is None else body, headers=headers)


def detail(answer: TestResponse) -> str:
    return str((answer.json or {})["detail"])


def test_the_code_of_the_app_signs_in(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> None:
    ann, _codes = with_totp(session, stopped_clock)
    token = after_password(client, session, stopped_clock, ann)
    assert not signed_in(client)
    assert "Type the code of your app" in client.get(STEP).text

    answer = client.post(STEP, data={"csrf_token": token, "code": code(stopped_clock)})

    assert answer.status_code == 303
    assert signed_in(client)
    assert all("pending" not in row.content for row in session.scalars(select(OrganiserSession)))


def test_a_recovery_code_signs_in_and_the_next_page_says_how_many_are_left(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann, codes = with_totp(session, stopped_clock)
    token = after_password(client, session, stopped_clock, ann)

    answer = client.post(f"{STEP}?with=recovery-code", data={"csrf_token": token, "code": codes[0]})

    assert answer.status_code == 303
    assert signed_in(client)
    assert factors.count_recovery_codes(session, ann) == 9


@pytest.mark.parametrize("path", [STEP, f"{STEP}?with=recovery-code"])
@pytest.mark.parametrize("typed", ["", "000000", "nonsense", "9" * 500])
def test_a_wrong_code_is_refused_in_the_page(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock, path: str, typed: str
) -> None:
    ann, _codes = with_totp(session, stopped_clock)
    token = after_password(client, session, stopped_clock, ann)

    answer = client.post(path, data={"csrf_token": token, "code": typed})

    assert answer.status_code == 422
    assert "Error: " in answer.text
    assert not signed_in(client)


def test_the_second_step_waits_ten_minutes_and_is_nothing_without_the_first(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    assert "Please begin again" in client.get(STEP, follow_redirects=True).text
    ann, _codes = with_totp(session, stopped_clock)
    token = after_password(client, session, stopped_clock, ann)

    stopped_clock.tick(minutes=10, seconds=1)
    answer = client.post(STEP, data={"csrf_token": token, "code": code(stopped_clock)})

    assert answer.status_code == 303
    assert answer.location.startswith("/organise/login")
    assert not signed_in(client)


@pytest.mark.parametrize("path", [STEP, "/organise/login"])
def test_who_is_signed_in_is_led_home_and_stays_so(client: FlaskClient, session: Session, path: str) -> None:
    sign_in(client, session, make_organiser(session))

    answer = client.get(path)

    assert answer.location == "/organise/"
    assert signed_in(client)


def test_a_form_of_another_session_is_refused(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann, _codes = with_totp(session, stopped_clock)
    after_password(client, session, stopped_clock, ann)

    for data in ({"csrf_token": "stale"}, {}):
        assert client.post(STEP, data=data | {"code": code(stopped_clock)}).status_code == 403
    assert not signed_in(client)


@pytest.mark.settings(rate_limits="on")
def test_whoever_guesses_codes_is_stopped_and_keeps_nobody_from_their_passkey(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann, codes = with_totp(session, stopped_clock)
    phone = register(session, ann)
    token = after_password(client, session, stopped_clock, ann)

    statuses = [
        client.post(f"{STEP}{which}", data={"csrf_token": token, "code": "000000"}).status_code
        for which in ("", "?with=recovery-code") * 6
    ]
    right = client.post(f"{STEP}?with=recovery-code", data={"csrf_token": token, "code": codes[0]})

    assert statuses == [422] * 10 + [429] * 2
    assert right.status_code == 429
    assert "too many tries" in right.text
    assert post(client, "verify", phone.get(post(client, "options").json)).status_code == 200


def test_a_passkey_alone_signs_in_and_is_a_fresh_proof(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann, _codes = with_totp(session, stopped_clock)
    phone = register(session, ann)
    options = post(client, "options").json or {}
    assert options["userVerification"] == "required"
    assert options["allowCredentials"] == []

    answer = post(client, "verify", phone.get(options))

    assert answer.status_code == 200
    assert (answer.json or {})["next"].startswith("/organise/")
    assert signed_in(client)
    assert client.get("/organise/security/passkeys/new").status_code == 200


def test_a_passkey_confirms_who_is_signed_in_and_nobody_else(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann, mallory = make_organiser(session), make_organiser(session, "Mallory")
    phone, other = register(session, ann), register(session, mallory)
    sign_in(client, session, ann)
    stopped_clock.tick(minutes=11)
    assert client.get("/organise/security/passkeys/new").status_code != 200

    refused = post(client, "verify", other.get(post(client, "options").json))
    assert refused.status_code == 403
    assert "another account" in detail(refused)
    assert client.get("/organise/security/passkeys/new").status_code != 200

    assert post(client, "verify", phone.get(post(client, "options").json)).status_code == 200
    assert client.get("/organise/security/passkeys/new").status_code == 200


def test_what_a_passkey_is_refused_for_stands_in_the_answer(client: FlaskClient, session: Session) -> None:
    phone = register(session, make_organiser(session))
    options = post(client, "options").json

    elsewhere = post(client, "verify", Authenticator(origin="https://evil.example").get(options))
    twice = post(client, "verify", phone.get(options))
    unknown = post(client, "verify", Authenticator().get(post(client, "options").json))

    assert [answer.status_code for answer in (elsewhere, twice, unknown)] == [403, 409, 403]
    assert [answer.mimetype for answer in (elsewhere, twice, unknown)] == ["application/problem+json"] * 3
    assert "five minutes" in detail(twice)
    assert "No account has it" in detail(unknown)
    assert session.scalars(select(Challenge)).all() == []
    assert not signed_in(client)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 60_000, b'{"id": "\\ud800"}', b"{}", b"1" * 5000],
)
def test_a_body_that_is_no_answer_of_a_passkey_gets_a_sentence(
    client: FlaskClient, session: Session, body: bytes
) -> None:
    answer = client.post("/organise/passkey/verify", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert detail(answer)


def test_a_body_that_is_too_large_or_of_another_kind_is_refused(client: FlaskClient, session: Session) -> None:
    assert post(client, "verify", {"id": "a" * 70_000}).status_code == 413
    assert client.post("/organise/passkey/verify", data={"id": "a"}).status_code == 415


def test_altered_answers_of_a_passkey_are_refused_and_break_nothing(client: FlaskClient, session: Session) -> None:
    phone = register(session, make_organiser(session))
    junk: Any
    for junk in (None, 1, [], {}, "", "=", "a", "AAAA", "é", "\ud800", "A" * 9000):
        for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
            answer = phone.get(post(client, "options").json)
            answer["response"][name] = junk
            assert post(client, "verify", answer).status_code in {400, 409}, (name, junk)
        for name in ("id", "rawId", "type", "response"):
            answer = phone.get(post(client, "options").json) | {name: junk}
            assert post(client, "verify", answer).status_code in {400, 403, 409}, (name, junk)
    assert not signed_in(client)


def test_other_sites_cannot_use_the_passkeys_of_our_visitors(client: FlaskClient, session: Session) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for path in ("options", "verify"):
            answer = post(client, path, **headers)
            assert answer.status_code == 403
            assert detail(answer)
    # What a form of another site can send without asking is no JSON.
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post("/organise/passkey/options", data=b"{}", content_type=kind).status_code == 415
    assert session.scalars(select(Challenge)).all() == []
