"""How long moderators wait for the queue: ``python -m bench.moderation_queue [--stories N]``, some minutes.

Fills a fresh SQLite and a fresh PostgreSQL with as many stories that wait and as many that are published, all in one
call but some, and prints for each page the median of its app time, how much of it this process was busy (on a machine
that has other things to do the first says more about these), and how many queries it asks.
"""

import argparse
import secrets
import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, insert, text
from sqlalchemy.orm import Session

from bench.database import fresh, postgresql
from petition import db
from petition.app import create_app
from petition.cli.database import upgrade
from petition.config import Settings
from petition.domain import accounts
from petition.lib import clock
from petition.lib.session_rows import SessionRow, digest
from petition.models import (
    CONSENT_VERSION,
    Call,
    CallKind,
    CallState,
    Campaign,
    Membership,
    Organiser,
    PublishedStory,
    Role,
    Signature,
    SignatureState,
    Story,
    StoryLicence,
    StoryState,
    Team,
)

LANGUAGES = ("en", "fr", "de", "nl", "it", "es", "pl", "el")
_TURNS = 15
_BATCH = 5000


def main() -> None:
    """Fill both databases and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=200_000)
    stories = parser.parse_args().stories
    with TemporaryDirectory() as name:
        folder = Path(name)
        # PostgreSQL runs as somebody else.
        folder.chmod(0o755)
        with postgresql(folder / "postgresql") as server:
            for url in (f"sqlite:///{folder / 'petition.sqlite'}", fresh(server, "queue")):
                _measure(url, folder, stories)


def _measure(url: str, folder: Path, stories: int) -> None:
    upgrade(url)
    app = create_app(
        Settings(
            data_dir=folder,
            database_url=url,
            secret_key=secrets.token_hex(32),
            base_url="http://localhost",
            mail_default_sender="Petition <petition@petition.example>",
            rate_limits="off",
            log_level="ERROR",
        )
    )
    engine = app.extensions["engine"]
    team_id, cookie = _fill(engine, stories)
    client = app.test_client()
    client.set_cookie("organiser", cookie)
    root = f"/organise/teams/{team_id}/stories"
    pages = {
        "queue, first story": root,
        "a story in the middle": f"{root}/{stories // 2}",
        "the last story": f"{root}/{stories}",
        "language": f"{root}?language=el",
        "language that nobody wrote": f"{root}?language=mt",
        "mark that nothing has": f"{root}?flag=phone",
        "same text": f"{root}?flag=repeated",
        "small call": f"{root}?call=2",
        "approved": f"{root}?state=approved",
        "several at once": f"{root}/bulk",
        "dashboard": "/organise/",
    }
    for what, path in pages.items():
        _print(engine.dialect.name, what, engine, [partial(_get, client, path)] * _TURNS)
    _print(engine.dialect.name, "approve, and the next story", engine, _decisions(client, root))
    db.scope.remove()
    engine.dispose()


def _print(name: str, what: str, engine: Engine, turns: Iterable[Any]) -> None:
    times, busy, queries = [], [], [0]

    def count(*_: Any) -> None:
        queries[0] += 1

    event.listen(engine, "before_cursor_execute", count)
    for turn in turns:
        queries[0], start, begun = 0, time.perf_counter(), time.process_time()
        turn()
        times.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - begun) * 1000)
    event.remove(engine, "before_cursor_execute", count)
    print(
        f"{name:12} {what:30} median {statistics.median(times):6.1f} ms, fastest {min(times):6.1f} ms,"
        f" busy {statistics.median(busy):6.1f} ms,"
        f" {queries[0]:3} queries",
        flush=True,
    )


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status


def _decisions(client: FlaskClient, root: str) -> Iterator[Any]:
    """Give what approves one story after the other, as a browser does with the page that came before."""
    for number in range(1, _TURNS + 1):
        page = client.get(f"{root}/{number}").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        fields = {"csrf_token": token, "revision": 1, "seen": "waiting", "decision": "approve"}

        def turn(number: int = number, fields: dict[str, Any] = fields) -> None:
            answer = client.post(f"{root}/{number}/decide", data=fields)
            assert answer.status_code == 303, answer.status
            _get(client, answer.location)

        yield turn


def _fill(engine: Engine, stories: int) -> tuple[int, str]:
    """Write a team, its moderator and its stories; returns the team's id and the cookie of the moderator."""
    now, secret = clock.now(), secrets.token_urlsafe(32)
    with Session(engine) as session, session.begin():
        team = Team(name="Museum", language="en", created_at=now)
        bob = Organiser(
            email="bob@museum.example", email_key="bob@museum.example", name="Bob", language="en", created_at=now
        )
        session.add_all([team, bob])
        session.flush()
        session.add(Membership(team_id=team.id, organiser_id=bob.id, role=Role.OWNER, since=now))
        campaign = Campaign(slug="c", hashtag="#C", language="en", team_id=team.id)
        session.add(campaign)
        session.flush()
        for number in range(1, 11):
            session.add(
                Call(campaign_id=campaign.id, slug=f"call-{number}", kind=CallKind.DREAM, state=CallState.PUBLISHED,
                     language="en", opens_at=now - timedelta(days=30), version=1)
            )  # fmt: skip
        accounts.add_session(
            session,
            SessionRow(digest(secret), bob.id, {"csrf_token": f"{bob.id}.{secrets.token_hex(20)}"}, "", now, now, now),
        )
        team_id = team.id
    for first in range(1, 2 * stories + 1, _BATCH):
        rows = [_rows(number, stories) for number in range(first, min(first + _BATCH, 2 * stories + 1))]
        with engine.begin() as connection:
            for table, written in zip((Signature, Story, PublishedStory), zip(*rows, strict=True), strict=True):
                if values := [row for row in written if row]:
                    connection.execute(insert(table), values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # SQLite has no figures of its tables unless somebody asks for them.
        if engine.dialect.name == "postgresql":
            connection.execute(text("vacuum analyze"))
    return team_id, secret


def _rows(number: int, stories: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """Return signature, story, and what is public of it: the first half waits, the others are published."""
    at = clock.now() - timedelta(days=20) + timedelta(seconds=number)
    is_published, call_id, words = number > stories, 1 if number % 1000 else 2, f"In the future {number} people read."
    language, key = LANGUAGES[number % len(LANGUAGES)], sha256(b"%d" % number).digest()
    signature = {"id": number, "call_id": call_id, "email_digest": key, "state": SignatureState.CONFIRMED, "language": "en",
                 "country": "FR", "consent_version": CONSENT_VERSION, "requested_at": at, "confirmed_at": at}  # fmt: skip
    shared = {"call_id": call_id, "kind": CallKind.DREAM, "language": language, "text": 20 * words, "details": {},
              "licence": StoryLicence.CC_BY, "credit": None, "revision": 1}  # fmt: skip
    story = {"id": number, "signature_id": number, "consent_version": "1", "wants_letter": False, "text_digest": key,
             "state": StoryState.APPROVED if is_published else StoryState.WAITING, "submitted_at": at,
             "is_repeated": False, "decided_at": at if is_published else None}  # fmt: skip
    shown = (
        {"story_id": number, "country": "FR", "hero": "", "published_at": at, "updated_at": at}
        if is_published
        else None
    )
    return signature, shared | story, shared | shown if shown else None


if __name__ == "__main__":
    main()
