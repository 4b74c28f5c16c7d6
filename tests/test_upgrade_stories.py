"""An upgrade to stories keeps every row and every reason, and each reason stays its author's alone."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, insert, select, text

from petition import db
from petition.app import create_app
from petition.cli import database
from petition.config import Settings
from petition.db import session as app_session
from petition.lib import tokens
from petition.models import PublishedStory, Signature, Story
from tests.servers import SECRET
from tests.test_upgrade import OPENED, SIGNATURE_STATES, WORDS, broken_references, complete, move, rows

# The newest revision of the release before stories had a table.
BEFORE = "0009"
# Reasons as people gave them, with what templates, spreadsheets and JSON would like to read otherwise.
REASONS = {
    "pending": "Om mijn oma.",
    "confirmed": WORDS,
    "withdrawn": "=1+1\n</textarea><script>alert(1)</script> {{ 7*7 }}",
    "removed": "Για όλους. За всички. 🏛",
}


@pytest.fixture
def engine(blank_database_url: str) -> Iterator[Engine]:
    """Give a filled database of the release before, with a reason on signatures of each state, and without."""
    database.upgrade(blank_database_url, BEFORE)
    engine = db.make_engine(blank_database_url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for name in ("team", "campaign", "call", "call_text", "tally", "letter"):
            _add(connection, metadata.tables[name])
        for number, (state, reason) in enumerate(list(REASONS.items()) * 2):
            _add(
                connection,
                metadata.tables["signature"],
                state=state,
                story=reason if number < len(REASONS) else None,
                email_digest=f"{state} {number}".encode(),
                version=str(number),
                language="nl",
                email="suzie@example.org" if state == "pending" else None,
                name=f"Suzie {number}",
                country="NL",
                confirmed_at=None if state == "pending" else OPENED,
            )
    yield engine
    engine.dispose()


def _add(connection: Any, table: Table, **values: Any) -> None:
    usual: dict[str, Any] = {
        "campaign": {"slug": "culture", "language": "en"},
        "call": {"slug": "open-culture", "kind": "petition", "state": "published", "language": "en", "image": ""}
        | dict.fromkeys(("closes_at", "paused_at", "grace_ends_at", "removed_at", "removal_reason"))
        | dict.fromkeys(("picture_id", "submitted_by", "submitted_revision", "approved_revision")),
        "letter": {"state": "waiting", "recipient": "suzie@example.org"},
        "call_text": {"language": "en"},
        "tally": {"dimension": "language"},
        "team": {"language": "en", "timezone": "UTC"},
    }
    # Every reference is to the only row of another table.
    keys = {column.name: 1 for column in table.c if column.foreign_keys}
    row = complete(table, keys | usual.get(table.name, {}) | values)
    connection.execute(insert(table).values(row))


def test_every_row_and_reason_is_there_after_going_up_down_and_up_again(
    engine: Engine, blank_database_url: str
) -> None:
    before = {table: found for table, found in rows(engine).items() if found}
    assert len(before["signature"]) == 2 * len(SIGNATURE_STATES)

    for revision in ("head", BEFORE, "head"):
        move(engine, blank_database_url, revision)

        assert rows(engine, like=before) == before, revision
        assert broken_references(engine) == [], revision
        with engine.connect() as connection:
            kept = connection.execute(text("select state, story from signature where story is not null")).all()
        assert dict(tuple(row) for row in kept) == REASONS


def test_its_author_still_reads_the_reason_and_nothing_of_it_is_published(
    engine: Engine, blank_database_url: str, tmp_path: Path
) -> None:
    move(engine, blank_database_url, "head")
    settings = {"data_dir": tmp_path, "database_url": blank_database_url, "base_url": "http://localhost"}
    app = create_app(
        Settings.model_validate(settings | {"secret_key": SECRET, "mail_default_sender": "a@petition.example"})
    )

    with app.app_context():
        theirs = app_session.scalars(select(Signature).where(Signature.reason.is_not(None))).all()
        assert {one.state: one.told and (one.told.text, one.told.licence) for one in theirs} == {
            state: (reason, None) for state, reason in REASONS.items()
        }
        assert not app_session.scalars(select(Story)).all()
        assert not app_session.scalars(select(PublishedStory)).all()
        links = {one.state.value: one.link_id for one in theirs}
        pages = {
            state: app.test_client().get(f"/en/{'confirm' if state == 'pending' else 'me'}/{token}")
            for state, token in (
                (state, tokens.make("confirm" if state == "pending" else "me", link)) for state, link in links.items()
            )
        }
    app.extensions["engine"].dispose()

    for state in ("pending", "confirmed"):
        assert pages[state].status_code == 200
        assert REASONS[state].split()[0] in unescape(pages[state].text)
