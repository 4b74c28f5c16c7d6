"""Answers to invitations: to a team, or, without one, to own the site."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import audit, links
from petition.errors import Conflict, NotAllowed
from petition.lib import clock, email_addresses, passwords, tokens
from petition.models import Invitation, InvitationState, Membership, Organiser, Role, Team

PURPOSE = "invitation"
INVITATION_LASTS = timedelta(days=terms.INVITATION_DAYS)


class InvitationUsed(Conflict):
    """Raised for an invitation that was accepted."""


class InvitationDeclined(Conflict):
    """Raised for an invitation that was declined."""


class InvitationRevoked(Conflict):
    """Raised for an invitation that was taken back."""


class InvitationReplaced(Conflict):
    """Raised for the link of an invitation that was sent again since."""


class InvitationExpired(Conflict):
    """Raised for an invitation that nobody answered in time."""


class InvitationForAnother(NotAllowed):
    """Raised when somebody accepts who is signed in with another address than the invited one."""


class AccountExists(Conflict):
    """Raised when the invited address got an account while somebody filled in the form for one."""


_ANSWERED: dict[InvitationState, type[Conflict]] = {
    InvitationState.ACCEPTED: InvitationUsed,
    InvitationState.DECLINED: InvitationDeclined,
    InvitationState.REVOKED: InvitationRevoked,
}


def get_open(session: Session, token: str) -> Invitation:
    """Return the invitation that a link means and that waits for an answer; raises what became of it, or StaleLink."""
    invitation_id, nonce = links.read_nonce(PURPOSE, token, INVITATION_LASTS, even_late=True)
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise links.StaleLink
    if invitation.state != InvitationState.OPEN:
        raise _ANSWERED[invitation.state]
    if invitation.nonce != nonce:
        raise InvitationReplaced
    if invitation.expires_at <= clock.now():
        raise InvitationExpired
    return invitation


def link_id(invitation: Invitation) -> str:
    """Return what the link of an invitation means."""
    return f"{invitation.id}.{invitation.nonce}"


def is_for(invitation: Invitation, organiser: Organiser) -> bool:
    """Whether it was sent to the address of this account."""
    return email_addresses.exact(invitation.email) == organiser.email_key


def accept_with_new_account(
    session: Session, invitation: Invitation, *, name: str, password: str, language: str
) -> Organiser:
    """Return a new account for the invited address, with its role.

    Raises AccountExists, PasswordsBusy, and what became of the invitation when it was answered meanwhile.
    """
    organiser = Organiser(
        email=invitation.email,
        email_key=email_addresses.exact(invitation.email),
        name=name,
        language=language,
        password_hash=passwords.hash_password(password),
        created_at=clock.now(),
    )
    _answer(session, invitation, InvitationState.ACCEPTED)
    session.add(organiser)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise AccountExists from None
    audit.record(session, organiser, "make_account", organiser)
    _give_role(session, invitation, organiser)
    return organiser


def accept(session: Session, invitation: Invitation, organiser: Organiser) -> None:
    """Give the invited account its role, once; who has one in the team keeps it.

    Raises InvitationForAnother, and what became of the invitation when it was answered meanwhile.
    """
    if not is_for(invitation, organiser):
        raise InvitationForAnother
    _answer(session, invitation, InvitationState.ACCEPTED)
    _give_role(session, invitation, organiser)


def _give_role(session: Session, invitation: Invitation, organiser: Organiser) -> None:
    team_id, role = invitation.team_id, invitation.role
    if team_id is None:
        organiser.is_site_owner = True
    elif session.get(Membership, (team_id, organiser.id)) is None:
        session.add(Membership(team_id=team_id, organiser_id=organiser.id, role=role, since=clock.now()))
    audit.record(session, organiser, "accept_invitation", invitation, team_id=team_id, new=role)


def decline(session: Session, invitation: Invitation) -> None:
    """Answer that nobody wants the role; raises what became of the invitation when it was answered meanwhile."""
    _answer(session, invitation, InvitationState.DECLINED)
    audit.record(session, None, "decline_invitation", invitation, team_id=invitation.team_id)


def invite_owner(session: Session, email: str, team: Team | None, language: str) -> Invitation:
    """Return an operator's invitation, without a letter, to own a team or, without one, the site."""
    now = clock.now()
    invitation = Invitation(
        team_id=team.id if team else None,
        email=email,
        role=Role.OWNER,
        language=language,
        nonce=tokens.nonce(),
        invited_by=None,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    session.add(invitation)
    audit.record(session, None, "invite", invitation, team_id=invitation.team_id, new=Role.OWNER)
    return invitation


def find_or_make_team(session: Session, name: str, language: str) -> Team:
    """Return the team of a name, made now if there is none."""
    team = session.scalar(select(Team).where(Team.name == name).order_by(Team.id).limit(1))
    if team is None:
        team = Team(name=name, language=language, created_at=clock.now())
        session.add(team)
        audit.record(session, None, "start_team", team, new=name)
    return team


def _answer(session: Session, invitation: Invitation, state: InvitationState) -> None:
    still = Invitation.id == invitation.id, Invitation.state == InvitationState.OPEN
    answered = update(Invitation).where(*still).values(state=state).returning(Invitation.id)
    if session.scalar(answered.execution_options(synchronize_session=False)) is None:
        session.refresh(invitation)
        raise _ANSWERED.get(invitation.state, InvitationReplaced)
