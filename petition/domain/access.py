"""Who may do what: one table, and the function that asks it."""

from enum import StrEnum
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.errors import NotAllowed, NotFound
from petition.models import MODERATORS, Call, Campaign, Membership, Organiser, Role, Team

Thing = Team | Campaign | Call


class Action(StrEnum):
    """What an organiser's page does; each route under ``/organise/`` names one."""

    SIGN_IN = "sign_in"
    OWN_ACCOUNT = "own_account"
    START_TEAM = "start_team"
    VIEW_TEAM = "view_team"
    EDIT_TEAM = "edit_team"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_PARTNERS = "manage_partners"
    READ_AUDIT = "read_audit"
    VIEW_CAMPAIGN = "view_campaign"
    START_CAMPAIGN = "start_campaign"
    EDIT_CAMPAIGN = "edit_campaign"
    TRANSFER_CAMPAIGN = "transfer_campaign"
    VIEW_CALL = "view_call"
    START_CALL = "start_call"
    EDIT_CALL = "edit_call"
    APPROVE_CALL = "approve_call"
    PUBLISH_CALL = "publish_call"
    PAUSE_CALL = "pause_call"
    TAKE_CALL_DOWN = "take_call_down"
    DECIDE_REPORTS = "decide_reports"
    DECIDE_SITE_REPORTS = "decide_site_reports"
    MODERATE_STORIES = "moderate_stories"
    SET_SWITCHES = "set_switches"
    READ_SITE_AUDIT = "read_site_audit"


class RoleTooSmall(NotAllowed):
    """Raised when somebody's role does not go as far as what they ask for."""


class Anyone(StrEnum):
    """Those who need no role in the team of a thing."""

    STRANGER = "stranger"
    ORGANISER = "organiser"
    SITE_OWNER = "site_owner"


_ALL = frozenset(Role)
_OWNER = frozenset({Role.OWNER})
_EDITORS = frozenset({Role.OWNER, Role.EDITOR})
_EVERYBODY = frozenset({Anyone.STRANGER, Anyone.ORGANISER})
_SIGNED_IN = frozenset({Anyone.ORGANISER})
_SITE = frozenset({Anyone.SITE_OWNER})

MATRIX: dict[Action, frozenset[Role | Anyone]] = {
    Action.SIGN_IN: _EVERYBODY,
    Action.OWN_ACCOUNT: _SIGNED_IN,
    Action.START_TEAM: _SITE,
    Action.VIEW_TEAM: _ALL,
    Action.EDIT_TEAM: _OWNER,
    Action.MANAGE_MEMBERS: _OWNER,
    Action.MANAGE_PARTNERS: _EDITORS,
    Action.READ_AUDIT: _OWNER,
    Action.VIEW_CAMPAIGN: _ALL,
    Action.START_CAMPAIGN: _EDITORS,
    Action.EDIT_CAMPAIGN: _EDITORS,
    Action.TRANSFER_CAMPAIGN: _OWNER,
    Action.VIEW_CALL: _ALL,
    Action.START_CALL: _EDITORS,
    Action.EDIT_CALL: _EDITORS,
    Action.APPROVE_CALL: _EDITORS,
    Action.PUBLISH_CALL: _EDITORS,
    Action.PAUSE_CALL: _EDITORS,
    Action.TAKE_CALL_DOWN: _OWNER | _SITE,
    Action.DECIDE_REPORTS: MODERATORS,
    Action.DECIDE_SITE_REPORTS: _SITE,
    Action.MODERATE_STORIES: MODERATORS,
    Action.SET_SWITCHES: _SITE,
    Action.READ_SITE_AUDIT: _SITE,
}


def require(session: Session, person: Organiser, action: Action, thing: Thing | None = None) -> None:
    """Let a person act on a thing, or on the site.

    Raises NotFound for a thing of a team in which the person has no role, so that nobody learns what there is, and
    RoleTooSmall where the role does not go so far.
    """
    allowed = MATRIX[action]
    theirs: set[Role | Anyone] = {Anyone.ORGANISER}
    if person.is_site_owner:
        theirs.add(Anyone.SITE_OWNER)
    if role := find_role(session, person, thing):
        theirs.add(role)
    if theirs & allowed:
        return
    raise RoleTooSmall if thing is None or role else NotFound


def may(session: Session, person: Organiser, action: Action, thing: Thing | None = None) -> bool:
    """Whether ``require`` would let them."""
    try:
        require(session, person, action, thing)
    except (NotFound, NotAllowed):
        return False
    return True


def roles(session: Session, person: Organiser) -> set[Role | Anyone]:
    """Return all that somebody is, in whatever team."""
    theirs: set[Role | Anyone] = {Anyone.ORGANISER}
    if person.is_site_owner:
        theirs.add(Anyone.SITE_OWNER)
    return theirs | set(session.scalars(select(Membership.role).where(Membership.organiser_id == person.id)))


def find_role(session: Session, person: Organiser, thing: Thing | None) -> Role | None:
    """Return the person's role in the team to which a thing belongs, or None."""
    team_id = _team_id(thing)
    if team_id is None:
        return None
    return session.scalar(
        select(Membership.role).where(Membership.team_id == team_id, Membership.organiser_id == person.id)
    )


def get_thing(session: Session, kind: type[Thing], thing_id: int) -> Thing:
    """Return a team, campaign or call by its id; raises NotFound."""
    thing = session.get(kind, thing_id)
    if thing is None:
        raise NotFound
    return cast("Thing", thing)


def _team_id(thing: Thing | None) -> int | None:
    if isinstance(thing, Team):
        return thing.id
    if isinstance(thing, Call):
        return thing.campaign.team_id
    return thing.team_id if thing else None
