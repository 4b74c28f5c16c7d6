"""The pages of teams: what people type, what they see, and what becomes of a mistake."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import terms
from petition.models import (
    AccountReset,
    Campaign,
    Invitation,
    InvitationState,
    Letter,
    Membership,
    Organiser,
    Role,
    Team,
    Transfer,
)
from tests.conftest import StoppedClock
from tests.factories import make_call
from tests.organisers import join, make_organiser, make_team, sign_in


@pytest.fixture
def ann(session: Session) -> Organiser:
    """Give the owner of the demo museum."""
    person = make_organiser(session)
    join(session, make_team(session), person)
    return person


@pytest.fixture
def token(client: FlaskClient, session: Session, ann: Organiser) -> str:
    """Sign Ann in; gives the token of her forms."""
    return sign_in(client, session, ann)


def test_an_owner_invites_somebody_who_then_stands_on_the_page(
    client: FlaskClient, session: Session, token: str
) -> None:
    form = {"csrf_token": token, "email": " Bob <bob@museum.example> ", "role": "editor", "language": "fr"}

    answer = client.post("/organise/teams/1/invite", data=form)

    assert (answer.status_code, answer.location) == (303, "/organise/teams/1")
    page = client.get("/organise/teams/1").text
    assert "We have written to bob@museum.example" in page
    assert "Waits for an answer until" in page
    assert session.scalars(select(Letter.language)).all() == ["fr"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": ""}, "Please write an e-mail address."),
        ({"email": "no address"}, "Please check the address"),
        ({"email": "ann@museum.example"}, "This person is in the team already."),
        ({"email": "ANN@museum.example"}, "This person is in the team already."),
        ({"email": "invited@museum.example"}, "This address is invited already."),
        ({"role": ""}, "Please choose a role."),
        ({"role": "emperor"}, "Not a valid choice"),
        ({"language": "xx"}, "Not a valid choice"),
    ],
)
def test_a_mistake_in_an_invitation_is_said_and_what_was_typed_stays(
    client: FlaskClient, session: Session, token: str, changes: dict[str, str], sentence: str
) -> None:
    right = {"csrf_token": token, "email": "bob@museum.example", "role": "analyst", "language": "en"}
    client.post("/organise/teams/1/invite", data=right | {"email": "invited@museum.example"})

    answer = client.post("/organise/teams/1/invite", data=right | changes)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{(right | changes)["email"]}"' in answer.text
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_an_invitation_that_was_answered_meanwhile_is_neither_sent_nor_taken_back(
    client: FlaskClient, session: Session, token: str
) -> None:
    client.post(
        "/organise/teams/1/invite",
        data={"csrf_token": token, "email": "bob@museum.example", "role": "editor", "language": "en"},
    )
    invitation = session.scalars(select(Invitation)).one()
    invitation.state = InvitationState.DECLINED
    session.commit()

    for act in ("resend", "revoke"):
        answer = client.post(f"/organise/teams/1/invitations/1/{act}", data={"csrf_token": token})
        assert answer.status_code == 409
        assert "This invitation is settled" in answer.text


def test_the_last_owner_reads_why_they_cannot_go(client: FlaskClient, session: Session, token: str) -> None:
    leaving = client.post("/organise/teams/1/leave", data={"csrf_token": token})
    going = client.post("/organise/teams/1/members/1/remove", data={"csrf_token": token})
    smaller = client.post("/organise/teams/1/members/1", data={"csrf_token": token, "role": "analyst"})

    assert [answer.status_code for answer in (leaving, going, smaller)] == [409, 409, 409]
    assert "A team needs an owner" in leaving.text
    assert "This is the last owner." in smaller.text
    assert session.scalars(select(Membership.role)).all() == [Role.OWNER]


def test_a_new_role_holds_in_the_next_request_and_no_role_in_none(
    app: Flask, client: FlaskClient, session: Session, token: str
) -> None:
    bob = make_organiser(session, "Bob")
    join(session, session.get_one(Team, 1), bob, Role.ANALYST)
    number, theirs = bob.id, app.test_client()
    sign_in(theirs, session, bob)
    assert theirs.get("/organise/teams/1/invite").status_code == 403

    client.post(f"/organise/teams/1/members/{number}", data={"csrf_token": token, "role": "owner"})
    assert theirs.get("/organise/teams/1/invite").status_code == 200
    client.post(f"/organise/teams/1/members/{number}", data={"csrf_token": token, "role": "editor"})
    refused = theirs.get("/organise/teams/1/invite")
    assert (refused.status_code, "Your role does not go so far" in refused.text) == (403, True)

    assert client.post(f"/organise/teams/1/members/{number}/remove", data={"csrf_token": token}).status_code == 303
    # The session itself is gone, in whatever process.
    assert theirs.get("/organise/teams").location.startswith("/organise/login")


def test_an_owner_starts_a_way_back_in_for_a_member_who_is_told_and_for_nobody_else(
    client: FlaskClient, session: Session, token: str
) -> None:
    bob, chris = make_organiser(session, "Bob"), make_organiser(session, "Chris")
    join(session, session.get_one(Team, 1), bob, Role.ANALYST)
    numbers = (bob.id, chris.id)

    answers = [
        client.post(f"/organise/teams/1/members/{number}/reset", data={"csrf_token": token}).status_code
        for number in numbers
    ]

    assert answers == [303, 404]
    assert session.scalars(select(AccountReset.organiser_id)).all() == [numbers[0]]
    assert set(session.scalars(select(Letter.recipient))) == {"bob@museum.example"}


def test_who_has_not_proved_lately_who_they_are_is_asked_before_roles_change(
    client: FlaskClient, session: Session, token: str, stopped_clock: StoppedClock
) -> None:
    sign_in(client, session, session.get_one(Organiser, 1))
    stopped_clock.tick(minutes=terms.FRESH_MINUTES)

    for path in ("invite", "members/1"):
        answer = client.get(f"/organise/teams/1/{path}")
        assert answer.location.startswith("/organise/confirm-identity?next=/organise/teams/1/")
    assert client.get("/organise/teams/1").status_code == 200


def test_a_team_is_renamed_or_refuses_a_name_that_cannot_be_shown(
    client: FlaskClient, session: Session, token: str
) -> None:
    right = {"csrf_token": token, "name": "City museum", "language": "de", "timezone": "Europe/Berlin"}

    for name in ("", "x" * 121, "see www.museum.org", "=1+1", "\u202emuseum", "12"):
        assert client.post("/organise/teams/1/edit", data=right | {"name": name}).status_code == 422
    assert client.post("/organise/teams/1/edit", data=right | {"timezone": "Europe/Atlantis"}).status_code == 422
    assert client.post("/organise/teams/1/edit", data=right | {"needs_review": "y"}).status_code == 303

    session.expire_all()
    team = session.get_one(Team, 1)
    assert (team.name, team.language, team.timezone, team.needs_review) == ("City museum", "de", "Europe/Berlin", True)


def test_a_site_owner_starts_a_team_and_writes_to_its_first_owner_again(app: Flask, session: Session) -> None:
    client = app.test_client()
    token = sign_in(client, session, make_organiser(session, "Olga", is_site_owner=True))
    form = {"csrf_token": token, "name": "City museum", "language": "en", "timezone": "UTC"}

    assert client.post("/organise/teams/new", data=form | {"owner_email": "nobody"}).status_code == 422
    assert client.post("/organise/teams/new", data=form | {"owner_email": "ann@museum.example"}).status_code == 303
    first = session.scalars(select(Invitation.nonce)).one()
    assert client.post("/organise/teams/1/first-invitation", data={"csrf_token": token}).status_code == 303

    assert session.scalars(select(Invitation.nonce)).one() != first
    assert "Teams that wait for their first owner" in client.get("/organise/teams").text
    assert client.get("/organise/teams/1").status_code == 404


def test_a_campaign_is_handed_over_in_the_browser(app: Flask, session: Session, ann: Organiser) -> None:
    theirs, campaign = make_team(session, "City museum"), make_call(session).campaign
    campaign.team_id = 1
    bob = make_organiser(session, "Bob")
    join(session, theirs, bob)
    number, path = theirs.id, f"/organise/campaigns/{campaign.id}/transfer"
    giver, receiver = app.test_client(), app.test_client()
    token, their_token = sign_in(giver, session, ann), sign_in(receiver, session, bob)

    for wrong in ({"number": number + 5, "name": "City museum"}, {"number": number, "name": "Museum"}, {"number": "x"}):
        answer = giver.post(path, data={"csrf_token": token, **wrong})
        assert answer.status_code == 422
    own = giver.post(path, data={"csrf_token": token, "number": 1, "name": "Demo museum"})
    assert (own.status_code, "in this team already" in own.text) == (422, True)
    assert giver.post(path, data={"csrf_token": token, "number": number, "name": "city museum"}).status_code == 303
    assert "Take the offer back" in giver.get(path).text

    assert "Take over #AllezCulture" in receiver.get(f"/organise/teams/{number}").text
    accept = f"/organise/teams/{number}/offers/1/accept"
    assert receiver.post(accept, data={"csrf_token": their_token}).status_code == 303
    assert receiver.post(accept, data={"csrf_token": their_token}).status_code == 404

    session.expire_all()
    assert session.scalars(select(Campaign.team_id)).all() == [number]
    assert session.scalars(select(Transfer)).all() == []
    assert giver.get(path).status_code == 404


def test_a_stale_form_comes_back_with_what_was_typed_and_goes_through_when_sent_again(
    client: FlaskClient, session: Session, token: str
) -> None:
    form = {"csrf_token": "stale", "email": "bob@museum.example", "role": "editor", "language": "fr", "password": "x"}

    refused = client.post("/organise/teams/1/invite", data=form)

    assert refused.status_code == 403
    assert "This page is older than your sign-in" in refused.text
    assert '<p class="user-text"><bdi>bob@museum.example</bdi></p>' in refused.text
    again = dict(
        re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">',
            refused.text.partition("<h1>")[2].partition("</form>")[0],
        )
    )
    assert again.keys() == {"csrf_token", "email", "role", "language"}
    assert client.post("/organise/teams/1/invite", data=again).status_code == 303
    assert session.scalars(select(Invitation.email)).all() == ["bob@museum.example"]


def test_what_is_not_there_has_a_page_with_a_way_on(client: FlaskClient, token: str) -> None:
    for path in ("/organise/teams/99", "/organise/nothing", "/organise/teams/1/members/99", "/organise/teams/x"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert 'href="/organise/"' in answer.text
