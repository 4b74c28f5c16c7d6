"""What an operator sees from outside: one set of counts for all processes, and a log that names nobody."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from petition.lib import metrics
from tests import factories
from tests.servers import SECRET, MailServer, Running, environment, free_port, process, wait_for

ASKED = 40


@pytest.fixture
def site(database_url: str, smtp: MailServer, tmp_path: Path) -> Running:
    """Give the settings of a site that does not run yet."""
    url = f"http://127.0.0.1:{free_port()}"
    settings = environment(
        tmp_path,
        DATABASE_URL=database_url,
        BASE_URL=url,
        SECRET_KEY=SECRET,
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=str(smtp.port),
        MAIL_DEFAULT_SENDER="petition@petition.example",
    )
    return Running(url=url, environment=settings, log=tmp_path / "site.log")


def read(site: Running) -> dict[str, float]:
    """Give every sample by its name and labels."""
    with urllib.request.urlopen(f"{site.url}/metrics", timeout=10) as answer:
        lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def asked(site: Running) -> float:
    """Give how many requests for the state of a process were counted."""
    return read(site)['petition_request_seconds_count{endpoint="health.healthz",method="GET",status="200"}']


def ask(site: Running, times: int) -> None:
    """Ask for the state of a process, each time over a new connection."""
    for _time in range(times):
        with urllib.request.urlopen(f"{site.url}/healthz", timeout=10):
            pass


def serving(started: subprocess.Popen[bytes]) -> set[int]:
    """Give the processes that answer."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(started.pid)], capture_output=True, text=True, check=False
    )
    return {int(number) for number in children.stdout.split()}


def test_all_processes_count_together_and_go_on_counting_when_one_is_killed(site: Running, session: Session) -> None:
    factories.sign(session, factories.make_call(session))
    with ExitStack() as stack:
        arguments = ("serve", "--port", site.url.rpartition(":")[2], "--workers", "2")
        served = stack.enter_context(process(site, *arguments))
        stack.enter_context(process(site, "worker"))
        wait_for(site)
        before = asked(site)
        ask(site, ASKED)
        counted = {asked(site) for _time in range(10)}
        victim = min(serving(served))
        os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while len(serving(served) - {victim}) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        wait_for(site)
        ask(site, ASKED)
        after = asked(site)
        awaited = {'petition_letter_outcomes_total{outcome="sent"}', 'petition_drift_figures{dimension="total"}'}
        while time.monotonic() < deadline and not awaited <= read(site).keys():
            time.sleep(0.05)
        found = read(site)

    assert counted == {before + ASKED}
    assert after >= before + 2 * ASKED
    assert found['petition_letter_outcomes_total{outcome="sent"}'] == 1
    assert found["petition_letters_waiting"] == 0
    assert found['petition_drift_figures{dimension="total"}'] == 0


def test_each_request_is_one_line_in_the_log_without_its_path(live: Running) -> None:
    urllib.request.urlopen(f"{live.url}/en/?secret=path", timeout=10).close()

    lines = [json.loads(line) for line in live.log.read_text().splitlines() if '"request"' in line]
    assert all(line.keys() == {"event", "level", "timestamp", "endpoint", "method", "status", "ms"} for line in lines)
    assert "secret" not in live.log.read_text()


def test_a_full_disk_takes_the_counts_together_but_not_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(_path: Path, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)

    metrics.share(tmp_path / "metrics")

    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert list((tmp_path / "metrics").iterdir()) == []


@pytest.mark.parametrize("is_one_alive", [True, False])
def test_what_is_left_is_swept_once_all_processes_are_gone(tmp_path: Path, is_one_alive: bool) -> None:
    host = metrics._HOST
    gone = subprocess.Popen(["true"])
    gone.wait()
    ours = [f"counter_{host}-{gone.pid}", *([f"counter_{host}-{os.getpid()}"] if is_one_alive else [])]
    for name in [*ours, "counter_elsewhere-1", "counter_old-1"]:
        (tmp_path / f"{name}.db").write_bytes(b"")
    os.utime(tmp_path / "counter_old-1.db", (0, 0))

    metrics.sweep(tmp_path)

    assert {path.stem for path in tmp_path.iterdir()} == {"counter_elsewhere-1", *(ours if is_one_alive else [])}


def test_a_new_process_goes_on_with_the_counts_of_a_dead_one(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    (tmp_path / f"counter_{metrics._HOST}-{gone.pid}.db").write_bytes(b"counts")

    metrics._take_room(tmp_path, "counter")

    (mine,) = tmp_path.iterdir()
    assert re.search(rf"-{os.getpid()}\.db$", mine.name)
    assert mine.read_bytes() == b"counts"
