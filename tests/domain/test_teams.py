"""Who is in a team, who is asked to be, and that there is always an owner."""

import email.policy
from email import message_from_bytes

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import invitations, letters, teams
from petition.errors import NotFound
from petition.jobs.teams import forget_invitations
from petition.lib import clock
from petition.mail import rendering
from petition.models import (
    AuditEntry,
    Invitation,
    InvitationState,
    Letter,
    Membership,
    OrganiserSession,
    Role,
    SilencedAddress,
)
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team, sign_in


def acts(session: Session) -> list[tuple[str, str, str]]:
    """Give what the audit log says, oldest first: act, old and new value."""
    return [(row.action, row.old, row.new) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def sent(session: Session, app: Flask) -> list[tuple[str, str]]:
    """Give the recipient and the text of each letter as it would leave now."""
    session.commit()
    batch = list(session.scalars(select(Letter).order_by(Letter.id)))
    contents = letters.current_contents(session, batch)
    settings = app.config["PETITION"]
    with app.app_context():
        return [
            (letter.recipient or "", text_of(rendering.render(letter, contents[letter.id], settings).content))
            for letter in batch
            if letter.id in contents
        ]


def text_of(content: bytes) -> str:
    """Give the plain text of a message."""
    message = message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("plain",))
    return f"{message['Subject']}\n{body.get_content() if body else ''}"


def test_an_invitation_is_a_row_and_a_letter_with_a_link_that_names_both(session: Session, app: Flask) -> None:
    ann, team = make_organiser(session), make_team(session)

    invitation = teams.invite(session, ann, team, email="Bob@Museum.example", role=Role.EDITOR, language="en")

    ((recipient, text),) = sent(session, app)
    assert recipient == "Bob@Museum.example"
    assert f"http://localhost/organise/invitation/{invitation.id}.{invitation.nonce}" in text
    assert "Ann invites you" in text
    assert (invitation.expires_at - invitation.created_at).days == terms.INVITATION_DAYS
    assert acts(session) == [("invite", "", "editor")]


@pytest.mark.parametrize("spelling", ["bob@museum.example", "BOB@Museum.Example"])
def test_nobody_is_invited_twice_or_into_a_team_they_are_in(session: Session, spelling: str) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    membership = join(session, team, bob, Role.ANALYST)
    with pytest.raises(teams.AlreadyMember):
        teams.invite(session, ann, team, email=spelling, role=Role.OWNER, language="en")
    teams.remove(session, ann, membership)

    teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    with pytest.raises(teams.AlreadyInvited):
        teams.invite(session, ann, team, email=spelling, role=Role.OWNER, language="en")


def test_an_invitation_sent_again_has_another_link_and_another_week(
    session: Session, app: Flask, stopped_clock: StoppedClock
) -> None:
    ann, team = make_organiser(session), make_team(session)
    invitation = teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    session.commit()
    before = invitation.nonce
    stopped_clock.tick(days=terms.INVITATION_DAYS + 1)
    teams.resend(session, ann, invitation)
    session.commit()
    session.refresh(invitation)

    assert invitation.nonce != before
    assert not invitation.is_expired
    assert all(invitation.nonce in text for _recipient, text in sent(session, app))


@pytest.mark.parametrize("state", [InvitationState.ACCEPTED, InvitationState.DECLINED, InvitationState.REVOKED])
def test_an_invitation_that_was_answered_is_neither_sent_again_nor_taken_back(
    session: Session, app: Flask, state: InvitationState
) -> None:
    ann, team = make_organiser(session), make_team(session)
    invitation = teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    invitation.state = state
    session.commit()

    for act in (teams.resend, teams.revoke):
        with pytest.raises(teams.InvitationAnswered):
            act(session, ann, invitation)
    assert sent(session, app) == []


def test_an_address_that_wants_no_letters_gets_no_invitation_but_hears_of_its_roles(
    session: Session, app: Flask
) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    digest = letters.for_organiser("role_changed", bob).digest
    session.add(SilencedAddress(email_digest=digest, silenced_at=clock.now()))
    membership = join(session, team, bob, Role.ANALYST)

    teams.change_role(session, ann, membership, Role.EDITOR)
    assert len(sent(session, app)) == 1
    teams.remove(session, ann, membership)
    teams.invite(session, ann, team, email=bob.email, role=Role.EDITOR, language="en")

    assert [letter.template for letter in session.scalars(select(Letter).order_by(Letter.id))] == [
        "role_changed",
        "removed_from_team",
    ]


def test_an_invitation_of_another_team_is_not_found(session: Session) -> None:
    ann, ours, theirs = make_organiser(session), make_team(session), make_team(session, "Other museum")
    invitation = teams.invite(session, ann, theirs, email="bob@museum.example", role=Role.EDITOR, language="en")

    with pytest.raises(NotFound):
        teams.get_invitation(session, ours, invitation.id)


def test_a_changed_role_is_told_and_noted(session: Session, app: Flask) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob", language="fr"), make_team(session)
    membership = join(session, team, bob, Role.ANALYST)

    teams.change_role(session, ann, membership, Role.EDITOR)
    teams.change_role(session, ann, membership, Role.EDITOR)
    session.commit()

    assert session.scalar(select(Membership.role)) == Role.EDITOR
    assert acts(session) == [("change_role", "analyst", "editor")]
    assert [recipient for recipient, _text in sent(session, app)] == [bob.email]


def test_who_is_taken_out_of_a_team_is_signed_out_everywhere_and_told(app: Flask, session: Session) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    join(session, team, ann)
    membership = join(session, team, bob, Role.EDITOR)
    for person in (ann, bob, bob):
        sign_in(app.test_client(), session, person)

    teams.remove(session, ann, membership)
    session.commit()

    assert session.scalars(select(OrganiserSession.organiser_id)).all() == [ann.id]
    assert [recipient for recipient, _text in sent(session, app)] == [bob.email]
    assert acts(session) == [("remove_member", "editor", "")]
    with pytest.raises(NotFound):
        teams.get_member(session, team, bob.id)


def test_a_new_team_waits_for_its_first_owner(session: Session) -> None:
    chris = make_organiser(session, "Chris", is_site_owner=True)

    team = teams.start(
        session, chris, name="City museum", language="fr", timezone="Europe/Paris", owner_email="ann@museum.example"
    )
    session.commit()

    (waiting,) = teams.without_members(session)
    assert (waiting.team, waiting.role, waiting.language) == (team, Role.OWNER, "fr")
    assert acts(session) == [("start_team", "", "City museum"), ("invite", "", "owner")]
    assert teams.of_organiser(session, chris) == []
    join(session, team, make_organiser(session))
    assert teams.without_members(session) == []


def test_each_change_to_a_team_is_an_entry(session: Session) -> None:
    ann, team = make_organiser(session), make_team(session)

    teams.edit(session, ann, team, name="City museum", language="en", timezone="Europe/Paris", needs_review=True)

    assert acts(session) == [
        ("edit_team_name", "Demo museum", "City museum"),
        ("edit_team_needs_review", "False", "True"),
    ]


def test_whom_a_team_invited_is_forgotten_a_month_after_the_invitation_ran_out(
    session: Session, stopped_clock: StoppedClock
) -> None:
    ann, team = make_organiser(session), make_team(session)
    teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    session.commit()

    stopped_clock.tick(days=terms.INVITATION_DAYS + terms.LETTER_DAYS)
    assert forget_invitations(session) == 0
    stopped_clock.tick(seconds=1)
    assert forget_invitations(session) == 1
    assert session.scalars(select(Invitation)).all() == []


def test_an_invitation_that_was_taken_back_makes_room_for_another(session: Session) -> None:
    ann, team = make_organiser(session), make_team(session)
    invitation = teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    teams.revoke(session, ann, invitation)

    assert teams.invitations(session, team) == []
    assert session.scalar(select(func.count()).select_from(Invitation)) == 1
    teams.invite(session, ann, team, email="bob@museum.example", role=Role.EDITOR, language="en")
    assert len(teams.invitations(session, team)) == 1


def test_who_accepts_with_an_account_hears_of_the_role(session: Session, app: Flask) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    invitation = teams.invite(session, ann, team, email=bob.email, role=Role.EDITOR, language="en")

    invitations.accept(session, invitation, bob)

    ((recipient, text),) = sent(session, app)
    assert recipient == bob.email
    assert "Ann has given you a role in the team Demo museum." in text.replace("\n", " ")
    assert f"http://localhost/organise/teams/{team.id}" in text
