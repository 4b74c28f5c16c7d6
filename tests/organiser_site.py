"""A site with organisers of each kind, calls in each state and a server: for looking at every organiser's page."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.serving import make_server

from petition import db
from petition.app import create_app
from petition.cli.database import upgrade
from petition.config import Settings
from petition.domain import hold_lists, moderation, story_care
from petition.domain.access import Action
from petition.lib import clock, tokens
from petition.lib.hold_reasons import LINK
from petition.models import (
    AccountReset,
    Call,
    CallRevision,
    CallState,
    CallText,
    Decision,
    EmailChange,
    Invitation,
    Organiser,
    Passkey,
    Picture,
    PreviewLink,
    Role,
    Story,
    StoryState,
    Team,
    Transfer,
    content_of,
)
from tests import factories
from tests.organisers import COOKIE, join, make_organiser, make_team, sign_in
from tests.partner_things import partner_things
from tests.reporting import reported_things
from tests.servers import SECRET

# German words are the longest.
LANGUAGES = {Role.OWNER: "en", Role.EDITOR: "de", Role.MODERATOR: "fr", Role.ANALYST: "en"}
KINDS = ("owner", "editor", "moderator", "analyst", "site_owner", "newcomer", "stranger")


@dataclass(frozen=True)
class OrganiserSite:
    """The site at ``url``: ids of rows by name, tokens of links by what they are for, sessions' cookies by kind."""

    url: str
    app: Flask
    ids: dict[str, int]
    tokens: dict[str, str]
    cookies: dict[str, str]

    def sign_in(self, context: BrowserContext, kind: str) -> None:
        """Give a browser the session of one kind of organiser, whatever it had before."""
        context.clear_cookies()
        if kind in self.cookies:
            context.add_cookies([{"name": COOKIE, "value": self.cookies[kind], "url": self.url}])

    def paths(self, kind: str) -> list[str]:
        """Return the path of each page that there is under ``/organise/``, with ids of real rows, in their order.

        For a stranger only those that need no account.
        """
        return sorted(
            self._path(rule)
            for rule in self.app.url_map.iter_rules()
            if rule.rule.startswith("/organise/")
            and "GET" in (rule.methods or ())
            and (
                kind != "stranger" or getattr(self.app.view_functions[rule.endpoint], "action", None) == Action.SIGN_IN
            )
        )

    def _path(self, rule: Rule) -> str:
        values: dict[str, object] = dict(rule.defaults or {})
        for name in rule.arguments - values.keys():
            values[name] = self._argument(rule, name)
        return str(self.app.url_map.bind("").build(rule.endpoint, values))

    def _argument(self, rule: Rule, name: str) -> object:
        if name == "token":
            return self.tokens.get(rule.rule.split("/")[2], "cut-off")
        assert name in _ARGUMENTS or name in _TEXTS, f"{rule.rule}: say in tests/organiser_site.py what <{name}> names."
        return self.ids[_ARGUMENTS[name]] if name in _ARGUMENTS else _TEXTS[name]


# What stands for a parameter of a path: the name of a row, or a text that names nothing.
_ARGUMENTS = {
    "call_id": "draft",
    "campaign_id": "campaign",
    "team_id": "team",
    "organiser_id": "analyst",
    "invitation_id": "invitation",
    "offer_id": "offered",
    "revision_id": "revision",
    "picture_id": "picture",
    "case_id": "case",
    "passkey_id": "passkey",
    "link_id": "preview",
    "preview_id": "preview",
    "story_id": "story",
    "partner_id": "partner",
    "token_id": "partner_token",
    "report_id": "partner_report",
}
_TEXTS: dict[str, object] = {"key": "gone", "purpose": "new-address", "number": 1, "version": 1}


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
    links = _tokens(db.session, ids)
    cookies = {kind: _cookie(app, db.session, ids[kind]) for kind in KINDS if kind in ids}
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield OrganiserSite(f"http://127.0.0.1:{server.server_port}", app, ids, links, cookies)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        db.scope.remove()
        app.extensions["engine"].dispose()


def _rows(session: Session) -> dict[str, int]:
    team = make_team(session)
    people: dict[str, Organiser] = {
        role.value: make_organiser(
            session, name=f"Ann {role.value.title()}", email=f"{role.value}@museum.example", language=language
        )
        for role, language in LANGUAGES.items()
    }
    for role in Role:
        join(session, team, people[role.value], role)
    people["site_owner"] = make_organiser(session, name="Olga Ops", email="ops@site.example", is_site_owner=True)
    people["newcomer"] = make_organiser(session, name="Chris New", email="new@museum.example")
    calls = _calls(session, team)
    things: dict[str, Any] = {
        "team": team,
        "campaign": calls["draft"].campaign,
        **people,
        **calls,
        **_around(session, team, calls["draft"], people["owner"]),
        **partner_things(session, team, calls["open"], people["owner"]),
        "story": _stories(session, team, calls["open"], people["moderator"]),
    }
    things["case"] = reported_things(session, calls["open"])
    return {name: thing.id for name, thing in things.items()}


def _around(session: Session, team: Team, draft: Call, owner: Organiser) -> dict[str, Any]:
    """Return what belongs to a team, a draft and a person: offered, invited, written, shown, known."""
    now = clock.now()
    soon, offered = now + timedelta(days=5), factories.make_call(session, slug="offered").campaign
    offered.team_id = make_team(session, "City library").id
    session.add(Transfer(campaign_id=offered.id, team_id=team.id, offered_at=now))
    rows: dict[str, Any] = {
        "invitation": Invitation(
            team_id=team.id,
            email="bob@museum.example",
            role=Role.EDITOR,
            language="en",
            nonce="nonce",
            created_at=now,
            expires_at=soon,
        ),
        "picture": Picture(
            team_id=team.id,
            name=64 * "a",
            width=1200,
            height=800,
            credit="Rijksmuseum",
            licence="CC0",
            uploaded_at=now,
        ),
        "preview": PreviewLink(call_id=draft.id, nonce="nonce", created_at=now, expires_at=soon),
        "passkey": Passkey(
            organiser_id=owner.id, credential_id=b"id", public_key=b"key", name="Telephone", created_at=now
        ),
    }
    texts = list(session.scalars(select(CallText).where(CallText.call_id == draft.id)))
    for number in (1, 2):
        rows["revision"] = CallRevision(
            call_id=draft.id, number=number, content=_content(draft, texts, number), saved_by=owner.id, saved_at=now
        )
        session.add(rows["revision"])
    session.add_all(rows.values())
    session.commit()
    return {"offered": offered, **rows}


def _stories(session: Session, team: Team, call: Call, moderator: Organiser) -> Story:
    """Return a story about which all is known that a page can show, between two that wait."""
    factories.make_story(session, call, "Because a library is where I learned to read.", state=StoryState.REFUSED)
    factories.make_story(session, call, "Weil Bücher allen gehören.", language="de")
    story = factories.make_story(
        session, call, "My grandmother, www.example.org.", state=StoryState.HELD, is_repeated=True
    )
    story.held_because, story.revision = LINK, 2
    factories.make_story(session, call, "My grandmother, www.example.org.", is_repeated=True)
    story_care.add_note(session, moderator, team, story, "She is known here.")
    story_care.translate(
        session, moderator, team, story, revision=2, language="fr", text="Ma grand-mère.", credit="Bob B."
    )
    decision = moderation.decide(session, moderator, story, revision=2, decision=Decision.ASK, sentence="Whose?")
    moderation.undo(session, moderator, decision)
    moderation.decide(session, moderator, story, revision=2, decision=Decision.ASK, sentence="Whose link is it?")
    story.state = StoryState.HELD
    hold_lists.change(session, moderator, team, {"en": ["grandmother"]})
    session.commit()
    return story


def _content(draft: Call, texts: list[CallText], number: int) -> dict[str, Any]:
    """Return a draft whose second saving says more in English, and in French still lacks the reasons."""
    content: dict[str, Any] = dict(content_of(draft, texts))
    content["texts"]["en"] |= {
        "addressees": [{"name": "The Parliament", "kind": "institution", "url": ""}],
        "body": "\n\n".join(["It is *ours*.", "It belongs to all of us."][:number]),
    }
    content["texts"]["fr"] |= {"body": ""}
    return content


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


def _tokens(session: Session, ids: dict[str, int]) -> dict[str, str]:
    """Return tokens of mailed links by the first part of their path; most are a newcomer's."""
    newcomer, now = session.get_one(Organiser, ids["newcomer"]), clock.now()
    soon, nonce = now + timedelta(days=1), "nonce"
    session.add(AccountReset(organiser_id=newcomer.id, nonce=nonce, due_at=now, expires_at=soon))
    session.add(EmailChange(organiser_id=newcomer.id, email="chris@museum.example", nonce=nonce, expires_at=soon))
    session.commit()
    return {
        "invitation": tokens.make("invitation", f"{ids['invitation']}.{nonce}"),
        "new-password": tokens.make("new-password", newcomer.password_link_id),
        "<any('old-address','new-address'):purpose>": tokens.make("new-address", f"{newcomer.id}.{nonce}"),
    } | {purpose: tokens.make(purpose, f"{newcomer.id}.{nonce}") for purpose in ("account-reset", "objection")}


def _cookie(app: Flask, session: Session, organiser_id: int) -> str:
    client = app.test_client()
    sign_in(client, session, session.get_one(Organiser, organiser_id))
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return str(cookie.value)
