"""What every test can ask for: a database, the app, a stopped clock; servers and a browser are in the files beside."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from petition import db, domain
from petition.app import create_app
from petition.cli.database import upgrade
from petition.config import Settings
from petition.db import engine as db_engine
from petition.lib import clock, email_addresses, encryption, tokens
from petition.lib.modules import import_all
from petition.models import Base
from tests import compiled, postgres
from tests.chromium import browser, new_page, page
from tests.compiled import Templates
from tests.servers import SECRET, MailServer, demo, live, smtp

__all__ = ["browser", "demo", "live", "new_page", "page", "smtp"]

# What stands in this machine's environment and .env file is not for the tests.
for _name in [name for name in os.environ if name.startswith("PETITION_")]:
    del os.environ[_name]
Settings.model_config["env_file"] = None

compiled.addresses_once()
compiled.statements_once()
# As for their PostgreSQL: nothing here has to survive a power cut. Servers in processes of their own wait for the disk.
db_engine.SYNCHRONOUS = "OFF"

# As the app does: each feature registers its letters when it is imported.
import_all(domain)


def pytest_collection_finish() -> None:
    """Let Python not look for garbage in what stays to the end: that took a fifth of the time of most tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Run the test once on each kind of database."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a fresh database with all tables and no rows."""
    if dialect == "sqlite":
        path = tmp_path / "petition.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
    else:
        url: str = request.getfixturevalue("migrated_database")
        _empty(url)
        yield url


@pytest.fixture
def blank_database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a fresh database without tables, for tests that migrate it themselves."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.sqlite'}"
    else:
        with _database(request.getfixturevalue("postgresql_server"), f"petition_blank_{os.getpid()}") as url:
            yield url


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """Give the session that the app uses too; after a request it is a fresh one."""
    engine = db.connect(database_url)
    yield db.session
    _disconnect(engine)


@pytest.fixture(autouse=True)
def _keys() -> None:
    """Sign links and digest addresses as the app of the tests does."""
    tokens.configure([SECRET])
    encryption.configure([SECRET])
    email_addresses.configure(SECRET.encode())


@pytest.fixture
def settings(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Give the settings of the app; ``@pytest.mark.settings(rate_limits="on")`` changes them for one test."""
    usual = {
        "data_dir": tmp_path,
        "database_url": database_url,
        "secret_key": SECRET,
        "base_url": "http://localhost",
        "mail_default_sender": "Petition <petition@petition.example>",
        "rate_limits": "off",
    }
    if "smtp" in request.fixturenames:
        mail_server: MailServer = request.getfixturevalue("smtp")
        usual |= {"mail_server": "127.0.0.1", "mail_port": mail_server.port}
    changes = request.node.get_closest_marker("settings")
    return Settings.model_validate(usual | (changes.kwargs if changes else {}))


@pytest.fixture
def app(settings: Settings, session: Session, compiled_templates: Templates) -> Iterator[Flask]:
    """Give the app on the database of this test."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled_templates
    made.testing = True
    engine = session.get_bind()
    yield made
    assert isinstance(engine, Engine)
    _disconnect(engine)


@pytest.fixture(scope="session")
def compiled_templates() -> Templates:
    """Compile each template once, not once for each test."""
    return Templates()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a visitor of the app."""
    return app.test_client()


class StoppedClock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.stop(datetime(2026, 6, 1, 12, tzinfo=UTC))

    @property
    def now(self) -> datetime:
        """The instant at which it stands."""
        return clock.now()

    def stop(self, at: datetime) -> None:
        """Move it to an instant."""
        clock.stop(at)

    def tick(self, **amount: float) -> None:
        """Move it forward, by ``days=7`` or ``minutes=5``."""
        clock.stop(clock.now() + timedelta(**amount))


@pytest.fixture
def stopped_clock() -> Iterator[StoppedClock]:
    """Stop the clock at noon UTC on 1 June 2026, until the test moves it."""
    yield StoppedClock()
    clock.start()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file; each test gets a copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run PostgreSQL, one for each process of pytest."""
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> Iterator[str]:
    """Migrate one PostgreSQL database; it is emptied for each test, which takes 2 ms where a new copy takes 50."""
    with _database(postgresql_server, f"petition_test_{os.getpid()}") as url:
        upgrade(url)
        yield url


def _disconnect(engine: Engine) -> None:
    db.scope.remove()
    engine.dispose()


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    """Create a database on a server, and drop it after use."""
    with _autocommit(server) as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name} template template0"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with _autocommit(server) as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@contextmanager
def _autocommit(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def _empty(url: str) -> None:
    """Delete all rows and count from 1 again; what an earlier test left connected is thrown out first."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False), autocommit=True) as own:
        own.execute(_EMPTYING)


_EMPTYING = "; ".join(
    (
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        "alter table audit_entry disable trigger user",
        *(f"delete from {table.name}" for table in reversed(Base.metadata.sorted_tables)),
        "alter table audit_entry enable trigger user",
        "select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'",
    )
)
