"""A team always has an owner, whatever owners do at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition import db
from petition.domain import teams
from petition.models import AuditEntry, Membership, Organiser, Role
from tests.organisers import join, make_organiser, make_team


def leave(session: Session, membership: Membership) -> None:
    teams.leave(session, membership)


def be_removed(session: Session, membership: Membership) -> None:
    teams.remove(session, membership.organiser, membership)


def be_demoted(session: Session, membership: Membership) -> None:
    teams.change_role(session, membership.organiser, membership, Role.EDITOR)


WAYS_OUT = pytest.mark.parametrize("act", [leave, be_removed, be_demoted])


@WAYS_OUT
def test_the_last_owner_stays_one(session: Session, act: Callable[[Session, Membership], None]) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    mine = join(session, team, ann)
    join(session, team, bob, Role.EDITOR)

    with pytest.raises(teams.LastOwner):
        act(session, mine)
    session.rollback()

    assert session.scalars(select(AuditEntry)).all() == []
    assert session.scalars(select(Membership.role).order_by(Membership.organiser_id)).all() == [
        Role.OWNER,
        Role.EDITOR,
    ]


@WAYS_OUT
def test_one_of_two_owners_may_go(session: Session, act: Callable[[Session, Membership], None]) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    mine = join(session, team, ann)
    join(session, team, bob)

    act(session, mine)
    session.commit()

    assert teams.get_member(session, team, bob.id).role == Role.OWNER


@WAYS_OUT
def test_owners_who_go_at_the_same_moment_leave_one_behind(
    session: Session, act: Callable[[Session, Membership], None]
) -> None:
    team, crowd = make_team(session), 4
    people = [make_organiser(session, f"Ann{number}").id for number in range(crowd)]
    for number in people:
        join(session, team, session.get_one(Organiser, number))
    team_id, together = team.id, Barrier(crowd)
    session.commit()

    def go(number: int) -> str:
        # Each has read that there are other owners before anybody acts.
        membership = session.get_one(Membership, (team_id, number))
        _name = membership.organiser.name
        together.wait()
        try:
            act(session, membership)
            session.commit()
        except teams.LastOwner:
            return "stays"
        finally:
            db.scope.remove()
        return "goes"

    with ThreadPoolExecutor(crowd) as pool:
        outcomes = sorted(pool.map(go, people))

    assert outcomes == ["goes"] * (crowd - 1) + ["stays"]
    is_owner = Membership.team_id == team_id, Membership.role == Role.OWNER
    assert session.scalar(select(func.count()).where(*is_owner)) == 1
