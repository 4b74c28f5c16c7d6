"""What is forgotten of accounts, and when."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import accounts, email_changes, invitations
from petition.jobs import accounts as jobs
from petition.lib import clock
from petition.models import AccountReset, Base, Challenge, EmailChange, Invitation, KnownDevice, OrganiserSession
from tests.conftest import StoppedClock
from tests.organisers import make_organiser, make_team, sign_in

TABLES = (OrganiserSession, KnownDevice, Challenge, EmailChange, AccountReset, Invitation)


def counts(session: Session) -> list[int]:
    """Return how many rows each table has."""
    return [_count(session, table) for table in TABLES]


def _count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_each_thing_goes_when_its_time_is_over(
    client: FlaskClient, session: Session, stopped_clock: StoppedClock
) -> None:
    ann = make_organiser(session)
    sign_in(client, session, ann)
    accounts.note_sign_in(session, ann, "Firefox, Linux", "secret")
    session.add(Challenge(value=b"1", purpose="sign_in", expires_at=clock.now() + timedelta(minutes=5)))
    email_changes.ask(session, ann, "ann@archive.example")
    accounts.ask_for_reset(session, None, ann)
    invitations.invite_owner(session, "bob@museum.example", make_team(session), "en")
    session.commit()

    seen = {0: counts(session)}
    for days in (1, 8, 36, 37, 90):
        stopped_clock.stop(stopped_clock.now + timedelta(days=days - max(seen)))
        jobs.forget_sessions(session)
        jobs.forget_expired(session)
        seen[days] = counts(session)

    assert seen == {
        0: [1, 1, 1, 1, 1, 1],
        1: [0, 1, 0, 0, 1, 1],
        8: [0, 1, 0, 0, 0, 1],
        36: [0, 1, 0, 0, 0, 1],
        37: [0, 1, 0, 0, 0, 0],
        90: [0, 0, 0, 0, 0, 0],
    }


def test_a_session_in_use_stays(client: FlaskClient, session: Session, stopped_clock: StoppedClock) -> None:
    sign_in(client, session, make_organiser(session))
    stopped_clock.tick(hours=11)

    assert jobs.forget_sessions(session) == 0
    assert client.get("/organise/account").status_code == 200
