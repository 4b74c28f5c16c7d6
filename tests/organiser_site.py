"""A site with organisers of each kind, calls in each state and a server: for looking at every organiser's page."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.serving import make_server

from petition import db
from petition.app import create_app
from petition.cli.database import upgrade
from petition.config import Settings
from petition.lib import clock
from petition.models import Call, CallState, Organiser, Role, Team
from tests import factories
from tests.organisers import COOKIE, join, make_organiser, make_team, sign_in
from tests.servers import SECRET

KINDS = ("owner", "editor", "moderator", "analyst", "site_owner", "newcomer")


@dataclass(frozen=True)
class OrganiserSite:
    """The site at ``url``, the ids of its rows by name, and for each kind of organiser the cookie of a session."""

    url: str
    app: Flask
    ids: dict[str, int]
    cookies: dict[str, str]

    def paths(self) -> list[str]:
        """Return the path of each page under ``/organise/``, with ids of real rows; in the order of the paths."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule.startswith("/organise/")]
        with self.app.test_request_context():
            return sorted(_path(self.app, rule, self.ids) for rule in rules if "GET" in (rule.methods or ()))


# What stands for a parameter of a path.
_ARGUMENTS: dict[str, Callable[[dict[str, int]], object]] = {
    "call_id": lambda ids: ids["draft"],
    "campaign_id": lambda ids: ids["campaign"],
    "organiser_id": lambda ids: ids["analyst"],
    "team_id": lambda ids: ids["team"],
}


@contextmanager
def organiser_site(folder: Path) -> Iterator[OrganiserSite]:
    """Serve a site whose database and files are in ``folder``, until the end of the block."""
    url = f"sqlite:///{folder / 'petition.sqlite'}"
    upgrade(url)
    app = create_app(
        Settings(
            data_dir=folder,
            database_url=url,
            secret_key=SECRET,
            base_url="http://localhost",
            mail_default_sender="Petition <petition@petition.example>",
            rate_limits="off",
        )
    )
    ids = _rows(db.session)
    cookies = {kind: _cookie(app, db.session, ids[kind]) for kind in KINDS}
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield OrganiserSite(f"http://127.0.0.1:{server.server_port}", app, ids, cookies)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        db.scope.remove()
        app.extensions["engine"].dispose()


def _rows(session: Session) -> dict[str, int]:
    team = make_team(session)
    people: dict[str, Organiser] = {
        role.value: make_organiser(session, name=f"Ann {role.value.title()}", email=f"{role.value}@museum.example")
        for role in Role
    }
    for role in Role:
        join(session, team, people[role.value], role)
    people["site_owner"] = make_organiser(session, name="Olga Ops", email="ops@site.example", is_site_owner=True)
    people["newcomer"] = make_organiser(session, name="Chris New", email="new@museum.example")
    calls = _calls(session, team)
    things = {"team": team, "campaign": calls["draft"].campaign, **people, **calls}
    return {name: thing.id for name, thing in things.items()}


def _calls(session: Session, team: Team) -> dict[str, Call]:
    now, day = clock.now(), timedelta(days=1)
    times: dict[str, dict[str, Any]] = {
        "open": {"opens_at": now - 12 * day, "closes_at": now + 20 * day, "version": 1},
        "scheduled": {"opens_at": now + 3 * day, "version": 1},
        "closed": {"opens_at": now - 90 * day, "closes_at": now - 30 * day, "version": 1},
        "paused": {"opens_at": now - 40 * day, "state": CallState.PAUSED, "paused_at": now - day, "version": 1},
        "draft": {"opens_at": now, "state": CallState.DRAFT},
        "review": {"opens_at": now, "state": CallState.REVIEW},
        "archived": {
            "opens_at": now - 900 * day,
            "closes_at": now - 800 * day,
            "state": CallState.ARCHIVED,
            "version": 1,
        },
    }
    calls = {name: factories.make_call(session, slug=f"{name}-call", **values) for name, values in times.items()}
    for call in calls.values():
        call.campaign.team_id = team.id
    for number in range(3):
        factories.confirm(session, calls["open"], email=f"supporter{number}@example.org")
    session.commit()
    return calls


def _cookie(app: Flask, session: Session, organiser_id: int) -> str:
    client = app.test_client()
    sign_in(client, session, session.get_one(Organiser, organiser_id))
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)


def _path(app: Flask, rule: Rule, ids: dict[str, int]) -> str:
    unknown = rule.arguments - set(_ARGUMENTS) - set(rule.defaults or {})
    assert not unknown, f"{rule.rule}: add to tests/organiser_site.py what stands for {', '.join(sorted(unknown))}"
    values = {name: _ARGUMENTS[name](ids) for name in rule.arguments if name in _ARGUMENTS}
    built = app.url_map.bind("").build(rule.endpoint, values | dict(rule.defaults or {}))
    assert isinstance(built, str)
    return built
