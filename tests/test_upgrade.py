"""An upgrade keeps every row: a database of the release before, filled, goes up, down and up again on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Engine, MetaData, Table, delete, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from petition import db
from petition.cli import database
from petition.models import Base

# The newest revision of the release before organisers had accounts.
BEFORE = "0006"
OPENED = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
LANGUAGES = ("en", "fr", "de")
CALL_STATES = ("draft", "published", "hidden", "removed")
SIGNATURE_STATES = ("pending", "confirmed", "withdrawn", "removed")
WORDS = "Ĝi estas “nia”, ’t is ons:\n\n- 100 % \\ ''' %(name)s 🏛"

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def engine(blank_database_url: str) -> Iterator[Engine]:
    """Give a filled database of the release before."""
    database.upgrade(blank_database_url, BEFORE)
    engine = db.make_engine(blank_database_url)
    fill(engine)
    yield engine
    engine.dispose()


def test_every_row_and_value_is_there_after_going_up_down_and_up_again(engine: Engine, blank_database_url: str) -> None:
    before = rows(engine)
    assert {table: len(found) for table, found in before.items()} == {
        "campaign": 2,
        "campaign_text": 6,
        "call": 8,
        "call_text": 24,
        "signature": 32,
        "tally": 24,
        "letter": 24,
        "blocked_address": 8,
        "silenced_address": 1,
        "rate_count": 1,
        "digest_key": 1,
    }
    # Hidden was a word for what is not published.
    expected = {table: [visible(row) for row in found] for table, found in before.items()}

    for revision in ("head", BEFORE, "head"):
        move(engine, blank_database_url, revision)

        assert rows(engine, like=before) == expected, revision
        assert broken_references(engine) == [], revision


def test_the_tables_of_an_upgraded_database_are_those_of_the_models(engine: Engine, blank_database_url: str) -> None:
    move(engine, blank_database_url, "head")
    inventory = schema(engine)

    assert database.compare(engine) == []
    for table in Base.metadata.sorted_tables:
        assert {f"check {table.name} {name}" for name in checks(table)} <= inventory, table.name
        assert {f"index {table.name} {index.name}" for index in table.indexes} <= inventory, table.name

    move(engine, blank_database_url, BEFORE)
    move(engine, blank_database_url, "head")

    assert schema(engine) == inventory


def test_what_the_database_refuses_it_still_refuses(engine: Engine, blank_database_url: str) -> None:
    move(engine, blank_database_url, "head")
    with engine.connect() as connection:
        counted = connection.scalar(
            text("select email_digest from signature where state = 'confirmed' and call_id = 1")
        )

    for statement in (
        "update call set state = 'hidden'",
        "update call set kind = 'nonsense'",
        "update call set closes_at = opens_at",
        "update call set paper_signatures = -1",
        "update call set slug = 'call-1' where id = 2",
        "update call set campaign_id = 99",
        "update campaign set slug = 'campaign-1'",
        "update campaign set team_id = 99",
        "update signature set state = 'nonsense'",
        "update signature set state = 'confirmed', confirmed_at = null",
        "update signature set call_id = 99",
        "update letter set state = 'nonsense'",
        "update tally set dimension = 'nonsense'",
    ):
        assert is_refused(engine, statement), statement
    twice = "update signature set email_digest = :digest, state = 'removed' where call_id = 1 and state = 'pending'"
    assert is_refused(engine, twice, digest=counted)


def test_the_number_of_a_row_that_is_gone_is_never_given_again(engine: Engine, blank_database_url: str) -> None:
    metadata = MetaData()
    metadata.reflect(engine, only=["signature", "letter"])
    lost: dict[str, int] = {}
    with engine.begin() as connection:
        for name in ("signature", "letter"):
            table = metadata.tables[name]
            lost[name] = connection.scalars(select(table.c.id).order_by(table.c.id.desc())).all()[0]
            connection.execute(delete(table).where(table.c.id == lost[name]))

    move(engine, blank_database_url, "head")

    with engine.begin() as connection:
        for name, number in lost.items():
            table = metadata.tables[name]
            row = dict(connection.execute(select(table).where(table.c.id == 1)).mappings().one())
            del row["id"]
            row |= {"email_digest": b"new", "state": "pending" if name == "signature" else "waiting"}
            assert connection.execute(insert(table).values(row)).inserted_primary_key == (number + 1,)


def fill(engine: Engine) -> None:
    """Write two campaigns with four calls each, every state of everything, and words in three languages."""
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:

        def add(table: str, **values: Any) -> None:
            connection.execute(insert(metadata.tables[table]).values(complete(metadata.tables[table], values)))

        for number in (1, 2):
            add("campaign", slug=f"campaign-{number}", language="en", organiser_since=OPENED.date())
            for language in LANGUAGES:
                add("campaign_text", campaign_id=number, language=language)
        for number in range(1, 9):
            fill_call(add, number)
        add("silenced_address", email_digest=b"silent")
        add("rate_count", key_digest=b"key")
        add("digest_key", id=1, fingerprint=b"fingerprint")


def fill_call(add: Any, number: int) -> None:
    """Write one call with all that refers to it."""
    add(
        "call",
        campaign_id=1 + (number > 4),
        slug=f"call-{number}",
        kind="petition",
        state=CALL_STATES[number % 4],
        opens_at=OPENED,
        closes_at=OPENED + timedelta(days=number) if number % 2 else None,
        paper_signatures=number,
        partner_reported=number * 100,
    )
    for language in LANGUAGES:
        add("call_text", call_id=number, language=language, title=f"{language} {number}")
        add("tally", call_id=number, dimension="language", key=language, shard=number, confirmed=number - 4)
    for state in SIGNATURE_STATES:
        email = f"{state}@example.org" if state == "pending" else None
        digest = f"{state} {number}".encode()
        add("signature", call_id=number, email_digest=digest, state=state, email=email, confirmed_at=OPENED)
    for state in ("waiting", "sent", "failed"):
        add("letter", call_id=number, state=state, recipient="suzie@example.org" if state == "waiting" else None)
    add("blocked_address", call_id=number, email_digest=b"blocked", signature_id=number)


def complete(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Return a row with something telling in each column that is not numbered by the database."""
    usual: dict[type, Any] = {str: WORDS, int: 7, bool: True, datetime: OPENED, bytes: b"\x00\xff"}
    given = {}
    for column in table.c:
        kind = column.type.python_type
        if column.name not in values and column.name != "id" and kind in usual:
            length = getattr(column.type, "length", None)
            given[column.name] = usual[kind][:length] if kind is str else usual[kind]
    return given | values


def rows(engine: Engine, like: Rows | None = None) -> Rows:
    """Return all rows by table, with all columns or those that ``like`` has, in the order of their keys."""
    found = {}
    with engine.connect() as connection:
        for table in like or inspect(engine).get_table_names():
            if table == "alembic_version":
                continue
            columns = like[table][0] if like else [column["name"] for column in inspect(engine).get_columns(table)]
            keys = ", ".join(inspect(engine).get_pk_constraint(table)["constrained_columns"])
            names = ", ".join(columns)
            result = connection.execute(text(f"select {names} from {table} order by {keys}"))
            found[table] = [dict(row) for row in result.mappings()]
    return found


def visible(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"state": "draft"} if row.get("state") == "hidden" else row


def move(engine: Engine, url: str, revision: str) -> None:
    """Bring the database to a revision, up or down."""
    engine.dispose()
    (database.upgrade if revision == "head" else database.downgrade)(url, revision)


def schema(engine: Engine) -> set[str]:
    """Return what the tables have: columns, indexes, checks, references and triggers, each as a line."""
    inspector, found = inspect(engine), set()
    for table in inspector.get_table_names():
        found |= {f"column {table} {column['name']} {column['nullable']}" for column in inspector.get_columns(table)}
        found |= {f"index {table} {index['name']}" for index in inspector.get_indexes(table)}
        found |= {f"check {table} {check['name']}" for check in inspector.get_check_constraints(table)}
        found |= {f"foreign key {table} {key['name']} {key['options']}" for key in inspector.get_foreign_keys(table)}
    triggers = "select name, tbl_name from sqlite_master where type = 'trigger'"
    if engine.dialect.name == "postgresql":
        triggers = "select tgname, tgrelid::regclass::text from pg_trigger where not tgisinternal"
    with engine.connect() as connection:
        return found | {f"trigger {table} {name}" for name, table in connection.execute(text(triggers))}


def checks(table: Table) -> set[str]:
    return {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint) and one.name}


def broken_references(engine: Engine) -> list[Any]:
    """Return the rows of SQLite that refer to nothing; PostgreSQL has none by itself."""
    if engine.dialect.name == "postgresql":
        return []
    with engine.connect() as connection:
        assert connection.scalar(text("pragma integrity_check")) == "ok"
        return list(connection.execute(text("pragma foreign_key_check")))


def is_refused(engine: Engine, statement: str, **values: Any) -> bool:
    try:
        with engine.begin() as connection:
            connection.execute(text(statement), values)
    except IntegrityError:
        return True
    return False
