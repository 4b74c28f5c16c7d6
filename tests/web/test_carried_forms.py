"""Nothing typed is lost when somebody has to show who they are first, and nobody else gets it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.lib import clock, passwords
from petition.models import Organiser, OrganiserSession
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in
from tests.web.test_sign_in import PASSWORD, fields, is_in, log_in

TYPED = {"name": "Ann Archivist \u201cA&B\u201d", "language": "fr"}


@pytest.fixture
def ann(app: Flask, session: Session, stopped_clock: StoppedClock) -> Organiser:
    """Give an organiser with a password, on a stopped clock."""
    return make_organiser(session, password_hash=passwords.hash_password(PASSWORD))


def save(client: FlaskClient, token: str) -> TestResponse:
    return client.post("/organise/account/profile", data=TYPED | {"csrf_token": token})


def test_an_expired_session_keeps_what_was_typed_through_sign_in(
    client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    token = sign_in(client, session, ann)
    stopped_clock.tick(hours=13)

    sent_away = save(client, token)
    page = client.get(sent_away.location)
    assert "What you typed is kept" in page.text
    typed = fields(page) | {"email": ann.email, "password": "not the right one"}
    again = client.post("/organise/login", data=typed)
    typed = fields(again) | {"email": ann.email, "password": PASSWORD}
    resumed = client.post("/organise/login", data=typed, follow_redirects=True)
    assert "What you typed is here" in resumed.text
    answer = client.post("/organise/account/profile", data=fields(resumed))

    assert answer.location == "/organise/account"
    saved = session.execute(select(Organiser.name, Organiser.language)).one()
    assert tuple(saved) == (TYPED["name"], "fr")
    content = session.scalars(select(OrganiserSession.content)).all()[-1]
    assert not content.get("carried")


def test_what_somebody_typed_comes_back_to_nobody_else(
    client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    bob = make_organiser(session, "Bob", password_hash=passwords.hash_password(PASSWORD))
    token = sign_in(client, session, ann)
    stopped_clock.tick(hours=13)

    path = save(client, token).location.partition("next=")[2]
    answer = log_in(client, bob.email, next_path=path)
    page = client.get(answer.location)

    assert (answer.location, page.status_code, page.location) == (path, 302, "/organise/")


def test_a_form_that_no_session_of_ours_showed_is_not_kept(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    answers = [save(client, token) for token in ("", "made up", "IjEuYWJjIg.aaaa.bbbb")]

    assert [answer.location for answer in answers] == ["/organise/login"] * 3
    assert session.scalars(select(OrganiserSession)).all() == []


def test_a_stale_form_of_the_same_person_is_shown_again_and_of_another_refused(
    app: Flask, client: FlaskClient, session: Session, ann: Organiser
) -> None:
    bob = make_organiser(session, "Bob")
    old, bobs = sign_in(client, session, ann), sign_in(app.test_client(), session, bob)
    sign_in(client, session, ann)

    refused = save(client, bobs)
    resumed = client.get(save(client, old).location)

    assert refused.status_code == 403
    assert client.post("/organise/account/profile", data=fields(resumed)).location == "/organise/account"
    assert TYPED["name"] in session.scalars(select(Organiser.name)).all()


def test_a_sensitive_act_asks_again_after_ten_minutes_and_goes_on_with_what_was_typed(
    client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    token = {"csrf_token": sign_in(client, session, ann)}
    stopped_clock.tick(minutes=10)

    asked = client.post("/organise/account/address", data=token | {"email": "ann@archive.example"})
    page = client.get(asked.location)
    wrong = client.post("/organise/confirm-identity", data=fields(page) | {"password": "not the right one"})
    resumed = client.post(
        "/organise/confirm-identity", data=fields(wrong) | {"password": PASSWORD}, follow_redirects=True
    )
    answer = client.post("/organise/account/address", data=fields(resumed))

    assert "Is it still you?" in page.text
    assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
    assert answer.location == "/organise/account"
    assert "ann@archive.example" in client.get("/organise/account").text


def test_a_page_that_asks_for_a_fresh_proof_opens_after_it(
    client: FlaskClient, session: Session, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    sign_in(client, session, ann)
    assert client.get("/organise/account/delete").status_code == 200
    session.execute(update(OrganiserSession).values(fresh_at=clock.now() - timedelta(minutes=11)))
    session.commit()

    asked = client.get("/organise/account/delete")
    page = client.get(asked.location)
    answer = client.post("/organise/confirm-identity", data=fields(page) | {"password": PASSWORD})

    assert answer.location == "/organise/account/delete"
    assert client.get(answer.location).status_code == 200


def test_an_account_can_be_deleted_but_not_that_of_the_last_owner_of_a_team(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    team = make_team(session)
    join(session, team, ann)
    token = {"csrf_token": sign_in(client, session, ann)}

    refused = client.post("/organise/account/delete", data=token)
    join(session, team, make_organiser(session, "Bob"))
    answer = client.post("/organise/account/delete", data=token, follow_redirects=True)

    assert refused.status_code == 409
    assert "A team needs an owner" in refused.text
    assert "Your account is deleted." in answer.text
    assert not is_in(client)
    assert session.scalars(select(Organiser.name)).all() == ["Bob"]
