"""Teams: who is in them with which role, who is asked to be, and what they are called."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, joinedload

from petition import terms
from petition.domain import audit, letters
from petition.domain.letters import NewLetter
from petition.errors import Conflict, LastOwner, NotFound
from petition.lib import clock, email_addresses, tokens
from petition.models import Invitation, InvitationState, Membership, Organiser, OrganiserSession, Role, Team

INVITATION_WITHIN = timedelta(days=terms.INVITATION_DAYS)


class AlreadyMember(Conflict):
    """Raised when somebody is invited who is in the team."""


class AlreadyInvited(Conflict):
    """Raised when an address is invited that has an open invitation to the team."""


class InvitationAnswered(Conflict):
    """Raised when an invitation is sent again or taken back that was accepted, declined or taken back before."""


def of_organiser(session: Session, person: Organiser) -> Sequence[Membership]:
    """Return somebody's roles with their teams, by the names of these."""
    return session.scalars(
        select(Membership)
        .join(Membership.team)
        .where(Membership.organiser_id == person.id)
        .options(joinedload(Membership.team))
        .order_by(func.lower(Team.name), Team.id)
    ).all()


def without_members(session: Session) -> Sequence[Invitation]:
    """Return the invitations, with their teams, to teams in which nobody is yet."""
    is_empty = ~exists().where(Membership.team_id == Invitation.team_id)
    return session.scalars(
        select(Invitation)
        .where(is_empty, Invitation.team_id.is_not(None), Invitation.state == InvitationState.OPEN)
        .options(joinedload(Invitation.team))
        .order_by(Invitation.id)
    ).all()


def members(session: Session, team: Team) -> Sequence[Membership]:
    """Return who is in a team, by their names."""
    return session.scalars(
        select(Membership)
        .join(Membership.organiser)
        .where(Membership.team_id == team.id)
        .options(joinedload(Membership.organiser))
        .order_by(func.lower(Organiser.name), Organiser.id)
    ).all()


def get_member(session: Session, team: Team, organiser_id: int) -> Membership:
    """Return somebody's role in a team; raises NotFound for whoever is not in it."""
    found = session.get(Membership, (team.id, organiser_id), options=[joinedload(Membership.organiser)])
    if found is None:
        raise NotFound
    return found


def start(session: Session, actor: Organiser, *, name: str, language: str, timezone: str, owner_email: str) -> Team:
    """Make a team and invite its first owner."""
    team = Team(name=name, language=language, timezone=timezone, created_at=clock.now())
    session.add(team)
    session.flush()
    audit.record(session, actor, "start_team", team, team_id=team.id, new=name)
    invite(session, actor, team, email=owner_email, role=Role.OWNER, language=language)
    return team


def edit(session: Session, actor: Organiser, team: Team, **new: str | bool) -> None:
    """Change what a team is called and how it works, by the names of its columns; each change is an entry."""
    for field, value in new.items():
        old = getattr(team, field)
        if old != value:
            setattr(team, field, value)
            audit.record(session, actor, f"edit_team_{field}", team, team_id=team.id, old=old, new=value)


def invitations(session: Session, team: Team) -> Sequence[Invitation]:
    """Return the invitations to a team that wait for an answer, in time or not, oldest first."""
    is_theirs = Invitation.team_id == team.id, Invitation.state == InvitationState.OPEN
    return session.scalars(select(Invitation).where(*is_theirs).order_by(Invitation.id)).all()


def get_invitation(session: Session, team: Team, invitation_id: int) -> Invitation:
    """Return an invitation to this team; raises NotFound."""
    found = session.get(Invitation, invitation_id)
    if found is None or found.team_id != team.id:
        raise NotFound
    return found


def invite(
    session: Session, actor: Organiser | None, team: Team, *, email: str, role: Role, language: str
) -> Invitation:
    """Ask an address to join a team, by a letter in ``language``; raises AlreadyMember and AlreadyInvited."""
    _lock(session, team.id)
    key = email_addresses.exact(email)
    if any(member.organiser.email_key == key for member in members(session, team)):
        raise AlreadyMember
    if any(email_addresses.exact(waiting.email) == key for waiting in invitations(session, team)):
        raise AlreadyInvited
    now = clock.now()
    invitation = Invitation(
        team_id=team.id,
        email=email,
        role=role,
        language=language,
        nonce=tokens.nonce(),
        invited_by=actor.id if actor else None,
        created_at=now,
        expires_at=now + INVITATION_WITHIN,
    )
    session.add(invitation)
    audit.record(session, actor, "invite", invitation, team_id=team.id, new=role)
    _send_invitation(session, invitation)
    return invitation


def resend(session: Session, actor: Organiser, invitation: Invitation) -> None:
    """Send an invitation again, good for as long as a new one; earlier links are void. Raises InvitationAnswered."""
    _answer(session, invitation, nonce=tokens.nonce(), expires_at=clock.now() + INVITATION_WITHIN)
    audit.record(session, actor, "resend_invitation", invitation, team_id=invitation.team_id)
    _send_invitation(session, invitation)


def revoke(session: Session, actor: Organiser, invitation: Invitation) -> None:
    """Take an invitation back; its link is void at once. Raises InvitationAnswered."""
    _answer(session, invitation, state=InvitationState.REVOKED)
    audit.record(session, actor, "revoke_invitation", invitation, team_id=invitation.team_id)


def delete_invitations(session: Session, *, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` invitations, with their addresses, that could not be accepted after that moment."""
    old = select(Invitation.id).where(Invitation.expires_at < before).order_by(Invitation.id).limit(limit)
    gone = delete(Invitation).where(Invitation.id.in_(old)).returning(Invitation.id)
    return len(session.scalars(gone.execution_options(synchronize_session=False)).all())


def change_role(session: Session, actor: Organiser, member: Membership, role: Role) -> None:
    """Give a member another role, which holds from their next request on, and tell them; raises LastOwner, NotFound."""
    old = _lock_member(session, member)
    if old == role:
        return
    if old == Role.OWNER:
        _keep_an_owner(session, member)
    member.role = role
    audit.record(session, actor, "change_role", member.organiser, team_id=member.team_id, old=old, new=role)
    _tell(session, "role_changed", member, f"{member.team_id}.{role}.{actor.id}")


def remove(session: Session, actor: Organiser, member: Membership) -> None:
    """Take somebody out of a team, tell them, and sign them out everywhere; raises LastOwner, NotFound."""
    _end(session, actor, member, "remove_member")
    _tell(session, "removed_from_team", member, f"{member.team_id}..{actor.id}")
    session.execute(delete(OrganiserSession).where(OrganiserSession.organiser_id == member.organiser_id))


def leave(session: Session, member: Membership) -> None:
    """End one's own membership; raises LastOwner, NotFound."""
    _end(session, member.organiser, member, "leave_team")


def _end(session: Session, actor: Organiser, member: Membership, action: str) -> None:
    old = _lock_member(session, member)
    if old == Role.OWNER:
        _keep_an_owner(session, member)
    session.delete(member)
    audit.record(session, actor, action, member.organiser, team_id=member.team_id, old=old)


def _lock(session: Session, team_id: int) -> None:
    """Let the changes to one team's people happen one after the other, until the transaction ends."""
    session.execute(update(Team).where(Team.id == team_id).values(name=Team.name))


def _lock_member(session: Session, member: Membership) -> Role:
    """Lock a member's team, and return their role as it stands then; raises NotFound when they left meanwhile."""
    _lock(session, member.team_id)
    theirs = Membership.team_id == member.team_id, Membership.organiser_id == member.organiser_id
    if session.scalar(select(Membership).where(*theirs).execution_options(populate_existing=True)) is None:
        raise NotFound
    return member.role


def _keep_an_owner(session: Session, member: Membership) -> None:
    """Raise LastOwner when nobody else owns the team; the owners' rows stay locked, as accounts may be deleted too."""
    is_owner = Membership.team_id == member.team_id, Membership.role == Role.OWNER
    owners = select(Membership.organiser_id).where(*is_owner).order_by(Membership.organiser_id).with_for_update()
    if not set(session.scalars(owners)) - {member.organiser_id}:
        raise LastOwner


def _answer(session: Session, invitation: Invitation, **values: object) -> None:
    """Change an invitation that is open, and no other; raises InvitationAnswered."""
    is_open = Invitation.id == invitation.id, Invitation.state == InvitationState.OPEN
    changed = update(Invitation).where(*is_open).values(**values).returning(Invitation.id)
    if session.scalar(changed) is None:
        raise InvitationAnswered


def _send_invitation(session: Session, invitation: Invitation) -> None:
    digest = email_addresses.digest(invitation.email)
    letter = NewLetter("invitation", invitation.email, digest, invitation.language, version=str(invitation.id))
    letters.enqueue(session, [letter])


def _tell(session: Session, template: str, member: Membership, version: str) -> None:
    letters.enqueue(session, [letters.for_organiser(template, member.organiser, version)])
