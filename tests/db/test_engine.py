"""How the platform uses a connection to PostgreSQL, its own or of a pool, and what it leaves in SQLite's files."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from petition import db
from petition.db import make_engine
from petition.domain import supporters
from petition.jobs import retention
from tests import factories

ASKED = "select count(*) from pg_prepared_statements"


@pytest.mark.parametrize(("pgbouncer", "is_prepared", "timeout"), [(False, True, "15s"), (True, False, "0")])
def test_nothing_stays_on_a_connection_that_the_next_may_get(
    postgresql_server: str, pgbouncer: bool, is_prepared: bool, timeout: str
) -> None:
    engine = make_engine(postgresql_server, pgbouncer=pgbouncer)
    with engine.connect() as connection:
        for _time in range(10):
            prepared = connection.scalar(text(ASKED))
        found = connection.scalar(text("show statement_timeout"))
    engine.dispose()

    assert bool(prepared) is is_prepared
    assert found == timeout


def test_what_was_committed_to_sqlite_outlives_a_power_cut() -> None:
    """Asked of a process of its own, because the tests do without."""
    asked = (
        "from petition.db import make_engine; "
        "print(make_engine('sqlite://').connect().exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    full = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    assert full == "2\n"


def test_nobody_but_its_owner_reads_the_files_of_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "petition.sqlite"
    for _time in range(2):
        engine = make_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.execute(text("create table if not exists a (b int)"))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        engine.dispose()

        assert len(modes) == 3
        assert set(modes.values()) == {0o600}
        path.chmod(0o644)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_was_erased_is_in_no_file_of_sqlite_after_the_hourly_job(session: Session, tmp_path: Path) -> None:
    signature = factories.sign(
        session, factories.make_call(session), name="Erasmus Erased", story="Unforgettable. " * 400
    )
    supporters.erase(session, signature)
    session.commit()

    assert retention.overwrite_deleted(session) == 1

    files = {file.name: file.read_bytes() for file in tmp_path.glob("petition.sqlite*")}
    assert files["petition.sqlite-wal"] == b""
    assert not [name for name, content in files.items() if b"Erasmus" in content or b"Unforgettable" in content]


def test_the_hourly_job_has_nothing_to_do_on_postgresql(session: Session) -> None:
    assert retention.overwrite_deleted(session) == db.is_sqlite(session)
