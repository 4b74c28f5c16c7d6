"""The commands of operators, as they type them."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.domain import totals
from petition.models import Call, Dimension, Signature, Tally
from tests import factories
from tests.servers import PETITION, SECRET, environment


@pytest.fixture
def settings_of_a_site(database_url: str, tmp_path: Path) -> dict[str, str]:
    """Give the environment of a site on this test's database."""
    return environment(
        tmp_path,
        DATABASE_URL=database_url,
        BASE_URL="https://petition.example",
        SECRET_KEY=SECRET,
        MAIL_DEFAULT_SENDER="Petition <petition@petition.example>",
    )


def petition(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as in a shell."""
    return subprocess.run(
        [PETITION, *arguments],
        env=settings,
        cwd=settings["PETITION_DATA_DIR"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_demo_content_can_be_loaded_twice(settings_of_a_site: dict[str, str], session: Session) -> None:
    first, second = (petition(settings_of_a_site, "load-demo") for _time in range(2))

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    calls = {call.slug: call for call in session.query(Call)}
    assert set(calls) == {"keep-culture-open-2013", "keep-culture-open"}
    assert totals.for_call(session, calls["keep-culture-open"]).confirmed == session.query(Signature).count() == 12
    assert totals.drift(session) == []


def test_a_recount_says_no_while_totals_are_wrong_and_repairs_them(
    settings_of_a_site: dict[str, str], session: Session
) -> None:
    factories.confirm(session, factories.make_call(session))
    session.execute(update(Tally).where(Tally.dimension == Dimension.TOTAL).values(confirmed=5))
    session.commit()

    answers = [petition(settings_of_a_site, "recount", *option) for option in ([], ["--repair"], [])]

    assert [answer.returncode for answer in answers] == [1, 0, 0]
    assert "total all: -4" in answers[0].stdout


def test_the_worker_can_work_off_what_is_due(settings_of_a_site: dict[str, str], session: Session) -> None:
    factories.sign(session, factories.make_call(session))

    answer = petition(settings_of_a_site, "worker", "--once")

    assert answer.returncode == 0, answer.stderr
    letters = list(Path(settings_of_a_site["PETITION_DATA_DIR"], "mail").glob("*.eml"))
    assert len(letters) == 1


def test_the_doctor_names_what_is_wrong_one_line_each(settings_of_a_site: dict[str, str]) -> None:
    answer = petition(settings_of_a_site | {"PETITION_MAIL_SERVER": "127.0.0.1", "PETITION_MAIL_PORT": "1"}, "doctor")

    assert answer.returncode == 1
    lines = answer.stdout.splitlines()
    assert any(line.startswith("mail: ") for line in lines)
    assert all(line.startswith(("settings: ", "mail: ")) for line in lines)


def test_the_database_can_be_checked_stepped_back_and_upgraded(settings_of_a_site: dict[str, str]) -> None:
    steps = [["db", "check"], ["db", "downgrade", "base"], ["db", "check"], ["db", "upgrade"], ["db", "check"]]

    assert [petition(settings_of_a_site, *step).returncode for step in steps] == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("command", ["serve", "worker", "db", "demo", "load-demo", "recount", "doctor", "routes"])
def test_every_command_has_help(command: str, tmp_path: Path) -> None:
    answer = petition(environment(tmp_path), command, "--help")

    assert answer.returncode == 0
    assert "Usage: petition" in answer.stdout


def test_wrong_usage_is_exit_code_two(tmp_path: Path) -> None:
    assert petition(environment(tmp_path), "nonsense").returncode == 2
    assert petition(environment(tmp_path), "serve", "--port", "0").returncode == 2


def test_routes_lists_every_path(settings_of_a_site: dict[str, str]) -> None:
    answer = petition(settings_of_a_site, "routes")

    assert answer.returncode == 0, answer.stderr
    assert "/<language:lang>/calls/<slug:call>/sign" in answer.stdout


def test_the_command_can_be_run_as_a_module(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "petition", "--help"], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert run.returncode == 0
    assert "worker" in run.stdout
