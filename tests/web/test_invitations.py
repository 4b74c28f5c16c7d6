"""Answers to invitations, good and bad."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import invitations
from petition.lib import passwords, tokens
from petition.models import Invitation, InvitationState, Membership, Organiser, Role, Team
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in
from tests.web.test_sign_in import PASSWORD, fields, is_in, log_in

NEW = {"name": "Bob Builder", "password": "seven teapots in a drawer"}


@pytest.fixture
def team(app: Flask, session: Session, stopped_clock: StoppedClock) -> Team:
    """Give a team, on a stopped clock."""
    return make_team(session)


def invite(session: Session, team: Team | None, email: str = "bob@museum.example") -> str:
    """Return the path of the link in a committed invitation."""
    invitation = invitations.invite_owner(session, email, team, "en")
    invitation.role = Role.EDITOR
    session.commit()
    return link(invitation)


def link(invitation: Invitation) -> str:
    return f"/organise/invitation/{tokens.make('invitation', invitations.link_id(invitation))}"


def the_invitation(session: Session) -> Invitation:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Invitation)).one()


def test_a_new_person_chooses_name_and_password_and_is_in(client: FlaskClient, session: Session, team: Team) -> None:
    path = invite(session, team)

    page = client.get(path)
    assert "Demo museum" in page.text and "bob@museum.example" in page.text
    assert the_invitation(session).state == InvitationState.OPEN
    answer = client.post(path, data=NEW)

    assert (answer.status_code, answer.location) == (303, "/organise/")
    assert is_in(client)
    membership = session.scalars(select(Membership)).one()
    assert (membership.team_id, membership.role, membership.organiser.name) == (team.id, Role.EDITOR, "Bob Builder")
    assert the_invitation(session).state == InvitationState.ACCEPTED
    assert factories.letters(session) == []


def test_an_invitation_without_a_team_makes_a_site_owner(client: FlaskClient, session: Session, app: Flask) -> None:
    client.post(invite(session, None), data=NEW)

    assert session.scalars(select(Organiser)).one().is_site_owner


def test_an_invitation_counts_once(client: FlaskClient, session: Session, app: Flask, team: Team) -> None:
    path = invite(session, team)
    client.post(path, data=NEW)

    for answer in (app.test_client().get(path), app.test_client().post(path, data=NEW)):
        assert answer.status_code == 410
        assert "It was accepted already." in answer.text
    assert len(session.scalars(select(Organiser)).all()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": InvitationState.REVOKED}, "The team took it back."),
        ({"state": InvitationState.DECLINED}, "It was declined."),
        ({"nonce": "0" * 32}, "It was sent once more since"),
    ],
)
def test_an_invitation_that_is_over_says_why(
    client: FlaskClient, session: Session, team: Team, change: dict[str, object], sentence: str
) -> None:
    path = invite(session, team)
    for name, value in change.items():
        setattr(the_invitation(session), name, value)
    session.commit()

    for answer in (client.get(path), client.post(path, data=NEW)):
        assert answer.status_code == 410
        assert sentence in answer.text


def test_an_invitation_expires(client: FlaskClient, session: Session, team: Team, stopped_clock: StoppedClock) -> None:
    path = invite(session, team)
    stopped_clock.tick(days=7)

    answer = client.post(path, data=NEW)

    assert answer.status_code == 410
    assert "Nobody answered it in time." in answer.text
    the_invitation(session).expires_at += timedelta(days=7)
    session.commit()
    assert client.get(path).status_code == 200


def test_a_damaged_invitation_leads_on(client: FlaskClient, session: Session, team: Team) -> None:
    path = invite(session, team)

    assert client.get(path[:-4]).status_code == 404
    assert "This link does not work any more" in client.get("/organise/invitation/nonsense").text
    assert client.get(path.replace("invitation", "new-password")).status_code == 404
    assert client.get(f"{path}%C2%BB.").location == path


def test_whoever_has_an_account_signs_in_and_accepts_with_it(client: FlaskClient, session: Session, team: Team) -> None:
    bob = make_organiser(session, "Bob", password_hash=passwords.hash_password(PASSWORD))
    path = invite(session, team)

    assert "There is an account with this address already." in client.get(path).text
    assert client.post(path, data=NEW).location == f"/organise/login?next={path}"
    assert log_in(client, bob.email, next_path=path).location == path
    page = client.get(path)
    assert client.post(path).status_code == 403
    answer = client.post(path, data=fields(page) | {"answer": "accept"})

    assert answer.location == "/organise/"
    assert session.scalars(select(Membership.organiser_id)).all() == [bob.id]


def test_an_invitation_is_not_for_somebody_else(client: FlaskClient, session: Session, team: Team) -> None:
    make_organiser(session, "Bob")
    chris = make_organiser(session, "Chris")
    path = invite(session, team)
    token = sign_in(client, session, chris)

    page = client.get(path)
    answer = client.post(path, data={"csrf_token": token})

    assert "this invitation is for bob@museum.example" in page.text
    assert answer.status_code == 403
    assert "This invitation is for another address" in answer.text
    assert session.scalars(select(Membership)).all() == []


def test_an_invitation_never_changes_the_role_that_somebody_has(
    client: FlaskClient, session: Session, team: Team
) -> None:
    bob = make_organiser(session, "Bob")
    join(session, team, bob, Role.OWNER)

    client.post(invite(session, team), data={"csrf_token": sign_in(client, session, bob)})

    assert session.scalars(select(Membership.role)).one() == Role.OWNER


def test_declining_needs_no_account(client: FlaskClient, session: Session, team: Team) -> None:
    path = invite(session, team)

    answer = client.post(path, data={"answer": "decline"}, follow_redirects=True)

    assert "You declined" in answer.text
    assert the_invitation(session).state == InvitationState.DECLINED
    assert session.scalars(select(Organiser)).all() == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "short"}, "Please take at least 12 characters"),
        ({"password": "p" * 129}, "Please take at most 128 characters."),
        ({"password": "passwordpassword"}, "This password is easy to guess."),
        ({"password": "abcabcabcabc"}, "Something repeated is hardly harder to guess than once."),
        ({"password": "bob@museum.example"}, "This password is easy to guess."),
        ({"name": ""}, "Please write your name."),
        ({"name": "https://evil.example"}, "Please leave web addresses out of your name."),
    ],
)
def test_what_is_wrong_with_a_new_account_stands_beside_it(
    client: FlaskClient, session: Session, team: Team, typed: dict[str, str], sentence: str
) -> None:
    path = invite(session, team)

    answer = client.post(path, data=NEW | typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert the_invitation(session).state == InvitationState.OPEN
    if "name" not in typed:
        assert 'value="Bob Builder"' in answer.text
    assert NEW["password"] not in answer.text
