"""A team always has an owner, whatever owners do at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition import db
from petition.domain import accounts, teams
from petition.errors import LastOwner
from petition.models import AuditEntry, Membership, Organiser, Role
from tests.organisers import join, make_organiser, make_team

Act = Callable[[Session, Membership], None]


def leave(session: Session, membership: Membership) -> None:
    teams.leave(session, membership)


def be_removed(session: Session, membership: Membership) -> None:
    teams.remove(session, membership.organiser, membership)


def be_demoted(session: Session, membership: Membership) -> None:
    teams.change_role(session, membership.organiser, membership, Role.EDITOR)


def delete_account(session: Session, membership: Membership) -> None:
    accounts.delete_account(session, membership.organiser)


WAYS_OUT = pytest.mark.parametrize("act", [leave, be_removed, be_demoted, delete_account])


@WAYS_OUT
def test_the_last_owner_stays_one(session: Session, act: Act) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    mine = join(session, team, ann)
    join(session, team, bob, Role.EDITOR)

    with pytest.raises(LastOwner):
        act(session, mine)
    session.rollback()

    assert session.scalars(select(AuditEntry)).all() == []
    assert session.scalars(select(Membership.role).order_by(Membership.organiser_id)).all() == [
        Role.OWNER,
        Role.EDITOR,
    ]


@WAYS_OUT
def test_one_of_two_owners_may_go(session: Session, act: Act) -> None:
    ann, bob, team = make_organiser(session), make_organiser(session, "Bob"), make_team(session)
    mine = join(session, team, ann)
    join(session, team, bob)

    act(session, mine)
    session.commit()

    assert teams.get_member(session, team, bob.id).role == Role.OWNER


@WAYS_OUT
def test_owners_who_go_at_the_same_moment_leave_one_behind(session: Session, act: Act) -> None:
    team, crowd = make_team(session), 4
    ids = [make_organiser(session, f"Ann{number}").id for number in range(crowd)]
    for number in ids:
        join(session, team, session.get_one(Organiser, number))

    outcomes = go_together(session, team.id, [(number, act) for number in ids])

    assert outcomes == ["goes"] * (crowd - 1) + ["stays"]


def go_together(session: Session, team_id: int, people: list[tuple[int, Act]]) -> list[str]:
    """Give, in order, what became of owners who all try to go at the same moment; one is left in any case."""
    session.commit()
    together = Barrier(len(people))

    def go(who: tuple[int, Act]) -> str:
        # Each has read that there are other owners before anybody acts.
        number, act = who
        membership = session.get_one(Membership, (team_id, number))
        _name = membership.organiser.name
        together.wait()
        try:
            act(session, membership)
            session.commit()
        except LastOwner:
            return "stays"
        finally:
            db.scope.remove()
        return "goes"

    with ThreadPoolExecutor(len(people)) as pool:
        outcomes = sorted(pool.map(go, people))
    is_owner = Membership.team_id == team_id, Membership.role == Role.OWNER
    assert session.scalar(select(func.count()).where(*is_owner)) == 1
    return outcomes


def test_one_who_leaves_and_one_who_deletes_their_account_leave_an_owner_behind(session: Session) -> None:
    for attempt in range(3):
        team = make_team(session)
        ways = (leave, delete_account)
        ids = [make_organiser(session, f"Ann{attempt}{number}").id for number in range(len(ways))]
        for number in ids:
            join(session, team, session.get_one(Organiser, number))
        assert go_together(session, team.id, list(zip(ids, ways, strict=True))) == ["goes", "stays"]
