"""People with accounts, in the tests: make them, give them roles, sign them in."""

import http.client
import re
import secrets
from contextlib import closing, suppress
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from petition.domain import accounts, pictures
from petition.domain.pictures import Credit
from petition.lib import clock, email_addresses
from petition.lib.licences import LICENCES
from petition.lib.pictures import prepare
from petition.lib.session_rows import SessionRow, digest
from petition.models import Call, Membership, Organiser, Picture, Role, Team
from tests import factories
from tests.picture_files import saved
from tests.servers import Running

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


def open_session(session: Session, organiser: Organiser) -> str:
    """Return the cookie of somebody who has just proved who they are, for any browser; commits."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    accounts.add_session(session, SessionRow(digest(secret), organiser.id, {}, "Test browser", now, now, now))
    session.commit()
    return secret


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


def add_picture(
    session: Session, call: Call, organiser: Organiser, content: bytes = b"", licence: str = "CC BY 4.0"
) -> Picture:
    """Return a picture of the team of a call, as if it had been uploaded; needs the app, which says where; commits."""
    prepared = prepare(BytesIO(content or saved("PNG")))
    credit = Credit("City museum", licence, LICENCES[licence], "https://museum.example/1")
    picture = pictures.add(session, organiser, call, prepared, credit)
    session.commit()
    return picture


def check_long_bodies(site: Running, session: Session) -> None:
    """Upload a picture of nearly 10 MB through a proxy as an organiser, and as a stranger with a cookie made up."""
    ann, team = make_organiser(session), make_team(session)
    join(session, team, ann)
    call = factories.make_call(session, team=team)
    secret = open_session(session, ann)
    path, content = f"/organise/calls/{call.id}/picture", saved("JPEG") + bytes(9_800_000)

    def ask(cookie: str, method: str, body: bytes = b"", content_type: str = "") -> tuple[int, str]:
        headers = {"Cookie": f"{COOKIE}={cookie}", "Content-Type": content_type}
        with closing(http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=60)) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def upload(cookie: str, token: str) -> int:
        fields = {"csrf_token": token, "credit": "City museum", "licence": "CC0 1.0", "alt_en": "A door"}
        boundary, body = encode_multipart(fields | {"file": FileStorage(BytesIO(content), "a.jpg")})
        return ask(cookie, "POST", body, f"multipart/form-data; boundary={boundary}")[0]

    (token,) = set(re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', ask(secret, "GET")[1]))
    assert upload("made-up" * 5, token) == 413
    assert upload(secret, token) == 302
