"""A new password by letter, a way around lost factors, a new address."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import accounts, letters, supporters
from petition.lib import email_addresses, passwords, tokens
from petition.mail import rendering
from petition.models import AccountReset, Organiser, OrganiserSession, Passkey
from tests import factories
from tests.conftest import StoppedClock
from tests.mail.test_rendering import parsed, parts
from tests.organisers import make_organiser, sign_in
from tests.visitor import form_token
from tests.web.test_sign_in import PASSWORD, fields, is_in, log_in

NEW = "seven teapots in a drawer"


@pytest.fixture
def ann(app: Flask, session: Session, stopped_clock: StoppedClock) -> Organiser:
    """Give an organiser with a password, on a stopped clock."""
    return make_organiser(session, password_hash=passwords.hash_password(PASSWORD))


def sent(app: Flask, session: Session) -> dict[tuple[str, str | None], str]:
    """Send what is due; returns the text of each letter by its template and recipient."""
    batch = letters.claim(session, 100)
    session.commit()
    contents = letters.current_contents(session, batch)
    texts: dict[tuple[str, str | None], str] = {}
    with app.app_context():
        for letter in batch:
            if content := contents.get(letter.id):
                message = rendering.render(letter, content, app.config["PETITION"])
                texts[content.template, letter.recipient] = "".join(text for _, text in parts(parsed(message.content)))
    letters.mark_sent(session, batch)
    session.commit()
    return texts


def link_in(text: str, purpose: str) -> str:
    found = re.search(rf"http://localhost(/organise/{purpose}/[\w.-]+)", text)
    assert found, text
    return found[1]


def ask(client: FlaskClient, clock: StoppedClock, email: str) -> int:
    page = client.get("/organise/forgotten")
    clock.tick(seconds=3)
    answer = client.post("/organise/forgotten", data={"token": form_token(page), "email": email})
    assert answer.location == "/organise/forgotten/sent"
    return answer.status_code


def test_a_new_password_comes_by_letter_once_and_signs_everybody_out(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    mallory = app.test_client()
    sign_in(mallory, session, ann)
    ask(client, stopped_clock, ann.email)
    path = link_in(sent(app, session)["new_password", ann.email], "new-password")

    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "short"}).status_code == 422
    answer = client.post(path, data={"password": NEW})

    assert (answer.status_code, answer.location) == (303, "/organise/")
    assert is_in(client) and not is_in(mallory)
    assert client.get(path).status_code == client.post(path, data={"password": NEW}).status_code == 404
    assert log_in(app.test_client(), password=PASSWORD).status_code == 422
    assert log_in(app.test_client(), password=NEW).status_code == 303
    assert ("password_changed", ann.email) in sent(app, session)


def test_asking_for_a_password_tells_nobody_who_has_an_account(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    ask(client, stopped_clock, ann.email)
    ask(client, stopped_clock, "chris@elsewhere.example")

    assert [letter.template for letter in factories.letters(session)] == ["new_password"] * 2
    texts = sent(app, session)
    assert set(texts) == {("new_password", ann.email), ("no_account", "chris@elsewhere.example")}
    assert "/new-password/" not in texts["no_account", "chris@elsewhere.example"]


def test_a_link_to_a_new_password_expires(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    ask(client, stopped_clock, ann.email)
    path = link_in(sent(app, session)["new_password", ann.email], "new-password")
    stopped_clock.tick(hours=25)

    answer = client.post(path, data={"password": NEW})

    assert answer.status_code == 404
    assert "This link does not work any more" in answer.text


def test_lost_factors_are_taken_away_after_a_day_of_notice(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    ann.totp_secret = b"lost with the phone"
    session.add(
        Passkey(organiser_id=ann.id, credential_id=b"1", public_key=b"1", name="Phone", created_at=ann.created_at)
    )
    accounts.ask_for_reset(session, None, ann)
    session.commit()
    texts = sent(app, session)
    assert set(texts) == {("account_reset_notice", ann.email)}
    reset = session.scalars(select(AccountReset)).one()
    early = f"/organise/account-reset/{tokens.make('account-reset', f'{ann.id}.{reset.nonce}')}"
    assert "This link works from 2 June 2026, 12:00 UTC on" in client.get(early).text
    assert client.post(early, data={"password": NEW}).status_code == 409
    stopped_clock.tick(hours=24)
    path = link_in(sent(app, session)["account_reset", ann.email], "account-reset")

    assert client.post(path, data={"password": "short"}).status_code == 422
    assert client.post(path, data={"password": NEW}).status_code == 303

    assert is_in(client)
    assert client.post(path, data={"password": NEW}).status_code == 404
    assert session.scalars(select(Passkey)).all() == []
    assert session.scalars(select(Organiser.totp_secret)).one() is None


def test_the_owner_of_an_account_can_stop_a_way_around_it(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    accounts.ask_for_reset(session, None, ann)
    session.commit()
    path = link_in(sent(app, session)["account_reset_notice", ann.email], "objection")

    assert "Keep my account as it is?" in client.get(path).text
    assert session.scalars(select(AccountReset)).all()
    assert "Your account stays as it is" in client.post(path, follow_redirects=True).text

    assert client.post(path).status_code == 404
    stopped_clock.tick(hours=24)
    assert sent(app, session) == {}
    assert log_in(client).status_code == 303


def test_asking_twice_does_not_put_a_reset_off(session: Session, ann: Organiser, stopped_clock: StoppedClock) -> None:
    first = accounts.ask_for_reset(session, None, ann).due_at
    stopped_clock.tick(hours=20)

    assert accounts.ask_for_reset(session, None, ann).due_at == first
    session.commit()
    assert [letter.template for letter in factories.letters(session)] == ["account_reset_notice", "account_reset"]


def ask_for_address(client: FlaskClient, session: Session, ann: Organiser, email: str) -> None:
    token = sign_in(client, session, ann)
    answer = client.post("/organise/account/address", data={"csrf_token": token, "email": email})
    assert answer.location == "/organise/account"


def test_an_address_changes_when_both_mailboxes_agreed(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser
) -> None:
    old = ann.email
    ask_for_address(client, session, ann, "ann@archive.example")
    texts = sent(app, session)
    to_old = link_in(texts["confirm_old_address", old], "old-address")
    to_new = link_in(texts["confirm_new_address", "ann@archive.example"], "new-address")

    assert client.get(to_new).status_code == 200
    assert "One of two" in client.post(to_new, follow_redirects=True).text
    assert client.post(to_new.replace("new-address", "old-address")).status_code == 404
    assert session.scalars(select(Organiser.email)).one() == old
    assert "Your account has its new address" in client.post(to_old, follow_redirects=True).text

    assert session.scalars(select(Organiser.email)).one() == "ann@archive.example"
    assert set(sent(app, session)) == {("address_changed", old), ("address_changed", "ann@archive.example")}
    assert client.post(to_old).status_code == 404


def test_an_address_of_another_account_is_not_told_and_not_taken(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser
) -> None:
    ask_for_address(client, session, ann, "bob@museum.example")
    texts = sent(app, session)
    links = [link_in(texts["confirm_old_address", ann.email], "old-address")]
    links.append(link_in(texts["confirm_new_address", "bob@museum.example"], "new-address"))
    bob = make_organiser(session, "Bob")

    assert client.post(links[0]).status_code == 303
    answer = client.post(links[1])

    assert answer.status_code == 409
    assert "This address belongs to another account" in answer.text
    ask_for_address(client, session, ann, bob.email)
    assert set(sent(app, session)) == {("confirm_old_address", ann.email)}


def test_letters_to_the_owner_of_an_account_go_to_a_silenced_mailbox_too(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser
) -> None:
    supporters.silence(session, email_addresses.digest(ann.email))
    supporters.ask_for_links(session, ann.email, "en")
    session.commit()
    client.post(
        "/organise/account/password",
        data={"csrf_token": sign_in(client, session, ann), "old_password": PASSWORD, "password": NEW},
    )

    texts = sent(app, session)

    assert set(texts) == {("password_changed", ann.email)}
    assert "/silence/" not in texts["password_changed", ann.email]


def test_the_forms_of_the_account_refuse_what_is_wrong_and_keep_what_was_typed(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    token = {"csrf_token": sign_in(client, session, ann)}

    wrong = client.post("/organise/account/password", data=token | {"old_password": "no", "password": NEW})
    weak = client.post(
        "/organise/account/password", data=token | {"old_password": PASSWORD, "password": "annannannann"}
    )
    nameless = client.post("/organise/account/profile", data=token | {"name": "", "language": "fr"})
    foreign = client.post("/organise/account/profile", data=token | {"name": "Ann", "language": "xx"})
    address = client.post("/organise/account/address", data=token | {"email": "ann at museum"})

    assert [page.status_code for page in (wrong, weak, nameless, foreign, address)] == [422] * 5
    assert "This is not your password." in wrong.text
    assert 'value="ann at museum"' in address.text
    assert fields(wrong)["csrf_token"]
    assert is_in(client)


def test_devices_can_be_signed_out_one_by_one_and_all_at_once_but_never_anothers(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser
) -> None:
    bob = make_organiser(session, "Bob")
    bobs, phone, tablet = (app.test_client() for _client in range(3))
    sign_in(bobs, session, bob)
    sign_in(phone, session, ann)
    (of_phone,) = session.scalars(select(OrganiserSession.id).where(OrganiserSession.organiser_id == ann.id))
    (of_bob,) = session.scalars(select(OrganiserSession.id).where(OrganiserSession.organiser_id == bob.id))
    sign_in(tablet, session, ann)
    token = {"csrf_token": sign_in(client, session, ann)}
    assert client.get("/organise/account").text.count("Test browser</strong>") == 3

    client.post(f"/organise/account/devices/{of_phone}/sign-out", data=token)
    client.post(f"/organise/account/devices/{of_bob}/sign-out", data=token)
    assert (is_in(phone), is_in(tablet), is_in(bobs)) == (False, True, True)
    client.post("/organise/account/devices/sign-out", data=token)
    assert (is_in(client), is_in(tablet), is_in(bobs)) == (True, False, True)
