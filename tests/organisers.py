"""People with accounts, in the tests: make them, give them roles, sign them in."""

import secrets
from typing import Any

from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from petition.domain import accounts
from petition.lib import clock, email_addresses
from petition.lib.session_rows import SessionRow, digest
from petition.models import Membership, Organiser, Role, Team

COOKIE = "organiser"


def make_organiser(session: Session, name: str = "Ann", **values: Any) -> Organiser:
    """Return an organiser with an account and no role; commits."""
    email = values.pop("email", f"{name.lower()}@museum.example")
    usual = {"email": email, "email_key": email_addresses.exact(email), "name": name, "language": "en"}
    organiser = Organiser(**usual | {"created_at": clock.now()} | values)
    session.add(organiser)
    session.commit()
    return organiser


def make_team(session: Session, name: str = "Demo museum", **values: Any) -> Team:
    """Return a team without members; commits."""
    team = Team(**{"name": name, "language": "en", "timezone": "Europe/Paris", "created_at": clock.now()} | values)
    session.add(team)
    session.commit()
    return team


def join(session: Session, team: Team, organiser: Organiser, role: Role = Role.OWNER) -> Membership:
    """Give somebody a role in a team; commits."""
    membership = Membership(team_id=team.id, organiser_id=organiser.id, role=role, since=clock.now())
    session.add(membership)
    session.commit()
    return membership


def sign_in(client: FlaskClient, session: Session, organiser: Organiser, cookie: str = COOKIE) -> str:
    """Give a client the session of somebody who has just proved who they are; returns the token for forms; commits."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    raw = f"{organiser.id}.{secrets.token_hex(20)}"
    accounts.add_session(
        session, SessionRow(digest(secret), organiser.id, {"csrf_token": raw}, "Test browser", now, now, now)
    )
    session.commit()
    client.set_cookie(cookie, secret)
    app = client.application
    with app.test_request_context("/organise/", headers={"Cookie": f"{cookie}={secret}"}):
        return str(generate_csrf())
