"""The page of passkeys, the app and recovery codes."""

import json
import re
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import factors
from petition.lib import encryption
from petition.models import Letter, Organiser, OrganiserSession, Passkey
from tests.authenticator import Authenticator
from tests.conftest import StoppedClock
from tests.organisers import make_organiser, sign_in

PAGE = "/organise/security"


@pytest.fixture
def ann(session: Session, stopped_clock: StoppedClock) -> Organiser:
    return make_organiser(session, password_hash="a password")


@pytest.fixture
def token(client: FlaskClient, session: Session, ann: Organiser) -> str:
    """Sign Ann in; gives the token of her forms."""
    return sign_in(client, session, ann)


def add(client: FlaskClient, token: str, name: str = "My phone", phone: Authenticator | None = None) -> Authenticator:
    """Add a passkey as the page's script does."""
    phone = phone or Authenticator()
    options = client.post(f"{PAGE}/passkeys/options", data={"csrf_token": token}).json
    answer = json.dumps(phone.create(options))
    answered = client.post(f"{PAGE}/passkeys/new", data={"csrf_token": token, "name": name, "answer": answer})
    assert answered.status_code == 303
    return phone


def test_a_passkey_is_added_renamed_and_removed(client: FlaskClient, session: Session, token: str) -> None:
    assert "You have no passkey yet" in client.get(PAGE).text
    add(client, token)
    passkey = session.scalars(select(Passkey)).one()
    assert "My phone" in client.get(PAGE).text

    fields = {"csrf_token": token, f"passkey-{passkey.id}-name": "My old phone"}
    assert client.post(f"{PAGE}/passkeys/{passkey.id}/rename", data=fields).status_code == 303
    assert "My old phone" in client.get(PAGE).text

    assert client.post(f"{PAGE}/passkeys/{passkey.id}/remove", data={"csrf_token": token}).status_code == 303
    assert "You have no passkey yet" in client.get(PAGE).text
    assert sorted(session.scalars(select(Letter.template))) == ["passkey_added", "passkey_removed"]


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 81, "go to evil.example.com", "a@b.example", "\u202eenohp"])
def test_a_name_that_cannot_stand_in_a_letter_is_refused_and_stays(
    client: FlaskClient, session: Session, token: str, name: str
) -> None:
    add(client, token)
    passkey = session.scalars(select(Passkey)).one()
    answer = json.dumps(Authenticator().create({"user": {"id": "MQ"}, "challenge": "AAAA"}))

    new = client.post(f"{PAGE}/passkeys/new", data={"csrf_token": token, "name": name, "answer": answer})
    fields = {"csrf_token": token, f"passkey-{passkey.id}-name": name}
    renamed = client.post(f"{PAGE}/passkeys/{passkey.id}/rename", data=fields)

    assert (new.status_code, renamed.status_code) == (422, 422)
    assert "clientDataJSON" in new.text
    assert name.strip("\u200b \u202e") in renamed.text
    assert [passkey.name for passkey in session.scalars(select(Passkey))] == ["My phone"]


@pytest.mark.parametrize("answer", ["", "{", "null", "[" * 15_000, "{}", '{"id": 1}'])
def test_an_answer_that_no_authenticator_gave_is_refused_in_the_page(
    client: FlaskClient, session: Session, token: str, answer: str
) -> None:
    refused = client.post(f"{PAGE}/passkeys/new", data={"csrf_token": token, "name": "Phone", "answer": answer})

    assert refused.status_code == 422
    assert "We could not verify what your browser sent" in refused.text
    assert 'value="Phone"' in refused.text
    assert session.scalars(select(Passkey)).all() == []


def test_a_passkey_registered_on_another_origin_or_twice_is_refused(
    client: FlaskClient, session: Session, token: str
) -> None:
    phone = add(client, token)
    for liar, sentence in (
        (Authenticator(origin="https://evil.example"), "could not verify"),
        (Authenticator(is_verified=False), "could not verify"),
        (phone, "has this passkey already"),
    ):
        options = client.post(f"{PAGE}/passkeys/options", data={"csrf_token": token}).json
        data = {"csrf_token": token, "name": "Phone", "answer": json.dumps(liar.create(options))}
        refused = client.post(f"{PAGE}/passkeys/new", data=data)
        again = client.post(f"{PAGE}/passkeys/new", data=data)
        assert refused.status_code == 422 and sentence in refused.text
        assert "five minutes" in again.text
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_altered_new_passkeys_are_refused_and_break_nothing(client: FlaskClient, session: Session, token: str) -> None:
    junk: Any
    for junk in (None, 1, [], "", "=", "AAAA", "oA", "\ud800", "pA" * 400):
        for name in ("clientDataJSON", "attestationObject", "transports"):
            options = client.post(f"{PAGE}/passkeys/options", data={"csrf_token": token}).json
            answer = Authenticator().create(options)
            answer["response"][name] = junk
            data = {"csrf_token": token, "name": "Phone", "answer": json.dumps(answer)}
            status = client.post(f"{PAGE}/passkeys/new", data=data).status_code
            assert status == (303 if name == "transports" else 422), (name, junk)


def test_anothers_passkey_is_not_there(client: FlaskClient, session: Session, token: str) -> None:
    add(client, token)
    mallory = client.application.test_client()
    theirs = sign_in(mallory, session, make_organiser(session, "Mallory"))
    passkey_id = session.scalars(select(Passkey.id)).one()

    for act in ("rename", "remove"):
        path = f"{PAGE}/passkeys/{passkey_id}/{act}"
        assert mallory.post(path, data={"csrf_token": theirs, f"passkey-{passkey_id}-name": "Mine"}).status_code == 404
        assert client.post(path, data={"csrf_token": theirs}).status_code != 200
    assert session.scalars(select(Passkey.name)).one() == "My phone"


def test_the_only_way_in_stays(client: FlaskClient, session: Session, ann: Organiser, token: str) -> None:
    add(client, token)
    ann = session.scalars(select(Organiser)).one()
    ann.password_hash = None
    session.commit()
    passkey_id = session.scalars(select(Passkey.id)).one()

    refused = client.post(f"{PAGE}/passkeys/{passkey_id}/remove", data={"csrf_token": token})

    assert refused.status_code == 409
    assert "no password" in refused.text


def test_an_app_is_set_up_by_a_qr_code_or_by_its_secret_and_turned_off(
    client: FlaskClient, session: Session, ann: Organiser, token: str, stopped_clock: StoppedClock
) -> None:
    assert client.get(f"{PAGE}/app").status_code == 303
    page = client.post(f"{PAGE}/app/start", data={"csrf_token": token}, follow_redirects=True).text
    assert "<svg" in page and "otpauth://totp/localhost:ann%40museum.example" in page
    secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
    content = session.scalars(select(OrganiserSession.content)).one()
    assert secret not in str(content)

    wrong = client.post(f"{PAGE}/app", data={"csrf_token": token, "code": "000000"})
    assert wrong.status_code == 422 and "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", wrong.text)) == secret
    right = client.post(f"{PAGE}/app", data={"csrf_token": token, "code": pyotp.TOTP(secret).at(stopped_clock.now)})
    codes = re.findall(r"<code>([0-9a-z-]{19})</code>", right.text)
    assert len(set(codes)) == 10
    assert right.headers["Cache-Control"] == "no-store"

    page = client.get(PAGE).text
    assert "It is on." in page and "10 recovery codes left" in page
    assert not any(code in page for code in codes)
    ann = session.scalars(select(Organiser)).one()
    assert encryption.decrypt(ann.totp_secret or b"") == secret

    new = client.post(f"{PAGE}/recovery-codes", data={"csrf_token": token})
    assert not set(codes) & set(re.findall(r"<code>([0-9a-z-]{19})</code>", new.text))

    assert client.post(f"{PAGE}/app/off", data={"csrf_token": token}).status_code == 303
    assert "Set up an app" in client.get(PAGE).text
    assert client.post(f"{PAGE}/recovery-codes", data={"csrf_token": token}).status_code == 404


@pytest.mark.parametrize(
    "path", ["passkeys/new", "passkeys/options", "passkeys/1/remove", "app/start", "app", "app/off", "recovery-codes"]
)
def test_whoever_signed_in_long_ago_changes_nothing(
    client: FlaskClient, session: Session, ann: Organiser, token: str, stopped_clock: StoppedClock, path: str
) -> None:
    add(client, token)
    factors.turn_totp_on(session, ann, secret="A" * 32, code=pyotp.TOTP("A" * 32).at(stopped_clock.now))
    session.commit()
    stopped_clock.tick(minutes=11)

    answer = client.post(f"{PAGE}/{path}", data={"csrf_token": token, "name": "Phone", "code": "000000"})

    assert answer.status_code in {303, 403}
    assert len(session.scalars(select(Passkey)).all()) == 1
    assert factors.count_recovery_codes(session, session.scalars(select(Organiser)).one()) == 10


def test_strangers_and_stale_forms_get_nowhere(client: FlaskClient, session: Session, ann: Organiser) -> None:
    assert client.get(PAGE).status_code == 302
    sign_in(client, session, ann)

    for path in ("passkeys/new", "passkeys/options", "app/start", "app/off", "recovery-codes"):
        assert client.post(f"{PAGE}/{path}", data={"csrf_token": "stale"}).status_code in {303, 403}
    assert session.scalars(select(Letter)).all() == []
