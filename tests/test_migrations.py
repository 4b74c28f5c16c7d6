"""Migrations and models agree, and can be stepped back and forth with rows in the tables."""

import re
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import db
from petition.cli import database
from petition.config import folder
from petition.models import Signature
from tests.factories import confirm, make_call, sign


def test_the_migrations_make_the_tables_of_the_models(blank_database_url: str) -> None:
    database.upgrade(blank_database_url)

    engine = db.make_engine(blank_database_url)
    assert database.compare(engine) == []
    engine.dispose()


def test_up_down_and_up_again_with_rows_in_the_tables(blank_database_url: str) -> None:
    database.upgrade(blank_database_url)
    engine = db.connect(blank_database_url)
    session: Session = db.session
    call = make_call(session)
    sign(session, call, email="waiting@example.org")
    confirm(session, call)
    assert len(session.scalars(select(Signature)).all()) == 2
    db.scope.remove()

    database.downgrade(blank_database_url, "base")
    database.upgrade(blank_database_url)

    assert database.compare(engine) == []
    assert session.scalars(select(Signature)).all() == []
    db.scope.remove()
    engine.dispose()


def test_revisions_are_numbered_in_one_line() -> None:
    files = sorted(Path(folder("migrations") / "versions").glob("*.py"))

    for number, file in enumerate(files, start=1):
        text = file.read_text()
        before = f'"{number - 1:04}"' if number > 1 else "None"
        assert re.match(rf"{number:04}_[a-z_]+\.py", file.name)
        assert f'revision = "{number:04}"' in text
        assert f"down_revision = {before}" in text
