"""Fixtures that run real servers: mail, the platform as in production, and the demo."""

import asyncio
import email.policy
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from petition.cli import europeana_stub

PETITION = Path(sys.executable).with_name("petition")
SECRET = "the tests sign their links with this"


class MailServer(Controller):
    """A real SMTP server on a free port that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(self, hostname="127.0.0.1", port=0)
        self.messages: list[tuple[str, list[str], EmailMessage]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append((envelope.mail_from or "", list(envelope.rcpt_tos), message))
        return "250 OK"

    def _trigger_server(self) -> None:
        """Learn the port that the system chose before aiosmtpd greets itself there."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Running:
    """A platform that runs in processes of its own."""

    url: str
    environment: dict[str, str] = field(repr=False)
    log: Path

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``petition …`` with the same settings and return what it printed."""
        return subprocess.run(
            [PETITION, *arguments],
            env=self.environment,
            cwd=self.log.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """Give a mail server; ``.messages`` holds (sender, recipients, message)."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def live(database_url: str, smtp: MailServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """Run ``petition serve`` and ``petition worker`` on the database and the mail server of this test.

    With the fixture ``stub`` they have a key for it.
    """
    port, others = free_port(), {}
    if "stub" in request.fixturenames:
        others = {"EUROPEANA_URL": request.getfixturevalue("stub").url, "EUROPEANA_KEY": europeana_stub.KEY}
    running = Running(
        url=f"http://127.0.0.1:{port}",
        environment=environment(
            tmp_path,
            DATABASE_URL=database_url,
            BASE_URL=f"http://127.0.0.1:{port}",
            SECRET_KEY=SECRET,
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=str(smtp.port),
            MAIL_DEFAULT_SENDER="Petition <petition@petition.example>",
            RATE_LIMITS="off",
            **others,
        ),
        log=tmp_path / "live.log",
    )
    with ExitStack() as stack:
        stack.enter_context(process(running, "worker"))
        stack.enter_context(process(running, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"))
        wait_for(running)
        yield running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run ``petition demo`` once for all tests of the session."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    running = Running(
        url=f"http://localhost:{port}",
        environment=environment(folder, BASE_URL=f"http://localhost:{port}", RATE_LIMITS="off"),
        log=folder / "demo.log",
    )
    with process(running, "demo", "--port", str(port)):
        wait_for(running)
        yield running


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a process with these settings and no other of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PETITION_")}
    return kept | {f"PETITION_{name}": value for name, value in {"DATA_DIR": str(data_dir), **settings}.items()}


@contextmanager
def process(running: Running, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``petition …`` until the end of the block, then stop it politely."""
    with running.log.open("ab") as log:
        started = subprocess.Popen(
            [PETITION, *arguments], env=running.environment, cwd=running.log.parent, stdout=log, stderr=log
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=30)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
            pytest.fail(f"petition {arguments[0]} did not stop within 30 s of SIGTERM\n{running.log.read_text()}")


@contextmanager
def second(live: Running) -> Iterator[Running]:
    """Run one more web process on the same database, with a page cache of its own."""
    port = free_port()
    other = replace(live, url=f"http://127.0.0.1:{port}")
    with process(other, "serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"):
        wait_for(other)
        yield other


def fetch(url: str) -> tuple[int, bytes]:
    """Return the status and the content of an address, also where it is refused."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def wait_for(running: Running, seconds: float = 90) -> None:
    """Return once the platform answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(running.url + "/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    pytest.fail(f"{running.url} did not answer within {seconds:g} s\n{running.log.read_text()}")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
