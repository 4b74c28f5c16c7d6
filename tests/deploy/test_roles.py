"""The two roles of compose.yaml: one owns the tables, the other works with rows and can do nothing else."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from petition import db
from petition.app import create_app
from petition.cli.database import upgrade
from petition.config import Settings
from petition.jobs import guard, retention, totals
from tests import factories
from tests.deploy.test_backup import programs
from tests.servers import SECRET

ROLES = Path(__file__).parent.parent.parent / "deploy" / "postgres" / "roles.sh"


@pytest.fixture
def dialect() -> str:
    """Run these on PostgreSQL, which has roles."""
    return "postgresql"


@pytest.fixture
def urls(blank_database_url: str) -> Iterator[dict[str, str]]:
    """Give the URL of each role, in a database that the owner has migrated."""
    url = make_url(blank_database_url)
    places = {"PGHOST": url.host or str(url.query.get("host", "")), "PGUSER": url.username, "PGDATABASE": url.database}
    places |= {"PGPORT": str(url.port or ""), "PGPASSWORD": url.password}
    environment = {name: value for name, value in places.items() if value} | {"POSTGRES_APP_PASSWORD": "app"}
    environment |= {"POSTGRES_OWNER_PASSWORD": "it's", "PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}"}
    made = subprocess.run(["bash", ROLES], env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    given = {
        role: url.set(username=f"petition_{role}", password=password).render_as_string(hide_password=False)
        for role, password in {"owner": "it's", "app": "app"}.items()
    }
    upgrade(given["owner"])
    yield given
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for role in ("petition_owner", "petition_app"):
            connection.execute(text(f"drop owned by {role} cascade"))
            connection.execute(text(f"drop role {role}"))
    engine.dispose()


@pytest.fixture
def app(urls: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    """Give the app as the role that works with rows."""
    made = create_app(
        Settings(
            database_url=urls["app"],
            data_dir=tmp_path,
            secret_key=SECRET,
            base_url="http://localhost",
            mail_default_sender="petition@petition.example",
        )
    )
    with made.app_context():
        yield made
    made.extensions["engine"].dispose()


def test_pages_and_worker_do_all_their_work_as_a_role_that_owns_nothing(app: Flask) -> None:
    signature = factories.confirm(db.session, factories.make_call(db.session))

    assert app.test_client().get("/en/calls/open-culture").status_code == 200
    assert app.test_client().get("/readyz").status_code == 200
    for job in (*retention.JOBS, *guard.JOBS, *totals.JOBS):
        assert job(db.session) == 0
    db.session.delete(signature)
    db.session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "drop table signature",
        "alter table signature add column spy text",
        "create table spy (id int)",
        "truncate tally",
        "create role mallory",
        "copy signature to program 'cat'",
    ],
)
def test_the_role_of_pages_and_worker_changes_no_table(app: Flask, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"):
        db.session.execute(text(statement))
    db.session.rollback()
