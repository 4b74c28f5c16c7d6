"""An upgrade to partners keeps every row, and the way back takes out only what the release before cannot hold."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, insert, text

from petition import db
from petition.cli import database
from tests.test_upgrade import OPENED, broken_references, complete, move, rows

# The newest revision of the release before.
BEFORE = "0013"
USUAL: dict[str, dict[str, Any]] = {
    "team": {"language": "en", "timezone": "UTC"},
    "campaign": {"slug": "culture", "language": "en"},
    "call": {"slug": "open-culture", "kind": "petition", "state": "published", "language": "en", "image": ""}
    | dict.fromkeys(("closes_at", "paused_at", "grace_ends_at", "removed_at", "removal_reason"))
    | dict.fromkeys(("picture_id", "submitted_by", "submitted_revision", "approved_revision")),
    "signature": {"state": "confirmed", "partner": "museum", "confirmed_at": OPENED, "withdrawn_at": None},
    "tally": {"dimension": "partner", "key": "museum"},
}


@pytest.fixture
def engine(blank_database_url: str) -> Iterator[Engine]:
    """Give a filled database of the release before."""
    database.upgrade(blank_database_url, BEFORE)
    engine = db.make_engine(blank_database_url)
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for name, values in USUAL.items():
            table = metadata.tables[name]
            keys: dict[str, Any] = {column.name: 1 for column in table.c if column.foreign_keys}
            connection.execute(insert(table).values(complete(table, keys | values)))
    yield engine
    engine.dispose()


def test_every_row_is_there_after_going_up_down_and_up_again(engine: Engine, blank_database_url: str) -> None:
    before = {table: found for table, found in rows(engine).items() if found}

    for revision in ("head", BEFORE, "head"):
        move(engine, blank_database_url, revision)

        assert rows(engine, like=before) == before, revision
        assert broken_references(engine) == [], revision
    with engine.connect() as connection:
        assert connection.execute(text("select via from signature")).scalars().all() == [""]
        assert connection.execute(text("select frame_origins from call")).scalars().all() == [""]


def test_the_way_back_forgets_what_was_counted_by_channel(engine: Engine, blank_database_url: str) -> None:
    move(engine, blank_database_url, "head")
    with engine.begin() as connection:
        for dimension in ("channel", "reported"):
            connection.execute(
                text("insert into tally (call_id, dimension, key, shard, confirmed) values (1, :dimension, 'x', 0, 1)"),
                {"dimension": dimension},
            )

    move(engine, blank_database_url, BEFORE)

    with engine.connect() as connection:
        assert connection.execute(text("select dimension from tally")).scalars().all() == ["partner"]
