"""The commands of operators, as they type them."""

import fcntl
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.domain import settings as switches
from petition.domain import story_tallies, totals
from petition.models import Call, CallKind, Dimension, PublishedStory, Story, StoryState, StoryTally, Tally
from tests import factories
from tests.servers import PETITION, SECRET, Running, environment, free_port
from tests.stories import publish


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
    assert {call.kind for call in calls.values() if call.is_open} == set(CallKind)
    assert totals.for_call(session, calls["keep-culture-open"]).confirmed == 12
    assert (totals.drift(session), story_tallies.drift(session)) == ([], [])
    assert session.query(PublishedStory).count() >= 40
    assert {story.state for story in session.query(Story)} >= {
        StoryState.WAITING,
        StoryState.HELD,
        StoryState.REFUSED,
        StoryState.CHANGE_ASKED,
    }


def test_a_recount_says_no_while_totals_are_wrong_and_repairs_them(
    settings_of_a_site: dict[str, str], session: Session
) -> None:
    publish(session, factories.make_call(session), country="NL")
    session.execute(update(Tally).where(Tally.dimension == Dimension.TOTAL).values(confirmed=5))
    session.execute(update(StoryTally).values(published=3))
    session.commit()

    answers = [petition(settings_of_a_site, "recount", *option) for option in ([], ["--repair"], [])]

    assert [answer.returncode for answer in answers] == [1, 0, 0]
    assert "total all: -4" in answers[0].stdout
    assert "stories en NL: -2" in answers[0].stdout


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


def test_a_port_that_is_taken_is_one_line(settings_of_a_site: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        answers = [petition(settings_of_a_site, "serve", "--port", port)]
        answers.append(petition(demo_settings(settings_of_a_site), "demo", "--port", port))

    for answer in answers:
        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr == f"petition: cannot listen on 127.0.0.1, port {port}: Address already in use\n"


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_second_demo_on_the_same_data_refuses(settings_of_a_site: dict[str, str]) -> None:
    folder = Path(settings_of_a_site["PETITION_DATA_DIR"])
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = petition(demo_settings(settings_of_a_site), "demo", "--port", str(free_port()))

    assert answer.returncode == 1
    assert answer.stderr == f"petition: another demo runs on the data in {folder}: stop it first\n"


def test_the_demo_says_last_where_to_look_and_little_else(demo: Running) -> None:
    deadline = time.monotonic() + 10
    while "Ctrl-C" not in demo.log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    urllib.request.urlopen(demo.url + "/en/").close()

    lines = demo.log.read_text().splitlines()
    assert lines[-1] == f"Open {demo.url}/ and read the letters at {demo.url}/mailbox. Ctrl-C stops."
    assert len(lines) < 10


def demo_settings(settings: dict[str, str]) -> dict[str, str]:
    """Give what the demo needs, on the same data."""
    return {name: value for name, value in settings.items() if name != "PETITION_BASE_URL"}


@pytest.mark.parametrize("command", [["serve", "--port", "1"], ["worker", "--once"]])
def test_nothing_starts_with_another_digest_key_than_the_database_was_filled_with(
    settings_of_a_site: dict[str, str], session: Session, command: list[str]
) -> None:
    factories.confirm(session, factories.make_call(session))
    assert petition(settings_of_a_site, "worker", "--once").returncode == 0
    wrong = settings_of_a_site | {"PETITION_DIGEST_KEY": "another key, of more than 32 characters"}

    answer = petition(wrong, *command)

    assert answer.returncode == 1
    assert answer.stderr.splitlines()[-1].startswith("petition: PETITION_DIGEST_KEY is not the key")
    assert "PETITION_DIGEST_KEY is not the key" in petition(wrong, "doctor").stdout
    refused = petition(wrong, "rotate-digest-key")
    assert refused.returncode == 1
    assert refused.stderr.startswith("petition: 1 digests stand for addresses that were forgotten")


def test_the_digest_key_can_be_changed_while_every_address_is_known(
    settings_of_a_site: dict[str, str], session: Session
) -> None:
    factories.sign(session, factories.make_call(session))
    assert petition(settings_of_a_site, "worker", "--once").returncode == 0
    new = settings_of_a_site | {"PETITION_DIGEST_KEY": "another key, of more than 32 characters"}

    answer = petition(new, "rotate-digest-key")

    assert answer.returncode == 0, answer.stderr
    assert petition(new, "worker", "--once").returncode == 0
    assert petition(settings_of_a_site, "worker", "--once").returncode == 1


def test_routes_lists_every_path_without_a_setting(tmp_path: Path) -> None:
    answer = petition(environment(tmp_path), "routes")

    assert answer.returncode == 0, answer.stderr
    assert "/<language:lang>/calls/<slug:call>/sign" in answer.stdout


def test_the_command_can_be_run_as_a_module(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "petition", "--help"], capture_output=True, text=True, cwd=tmp_path, check=False
    )

    assert run.returncode == 0
    assert "worker" in run.stdout


def test_the_doctor_says_which_switches_are_on_and_that_this_is_no_fault(
    settings_of_a_site: dict[str, str], session: Session
) -> None:
    calm = petition(settings_of_a_site, "doctor")
    on = {"pause_signing": "on", "pause_letters": "on", "proof_of_work": "off", "slow_counters": "on"}
    changes = [switches.Change(name, "", value) for name, value in {**on, "banner_fr": "Fermé"}.items()]
    switches.change(session, None, changes)
    session.commit()

    answer = petition(settings_of_a_site, "doctor")

    lines = [line for line in answer.stdout.splitlines() if line.startswith("switches: ")]
    assert len(lines) == 5
    assert "switches: a banner is shown (fr): Fermé" in lines
    assert answer.returncode == calm.returncode
    assert "switches" not in calm.stdout
