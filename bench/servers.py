"""Everything that is measured or measured against: the platform, bare Flask, nginx, mail servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from bench import database
from bench.database import Postgresql
from bench.processes import free_port, program, running, start, stop, wait_for
from petition import db
from petition.cli.database import upgrade
from petition.config import Settings
from petition.lib import email_addresses, tokens

SECRET = "the benchmark signs its links with this"
PETITION = Path(sys.executable).with_name("petition")

_NGINX = """
daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;
    types {{ text/html html; application/json json; }}
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; {more} }}
}}
"""


@dataclass
class Platform:
    """The platform on one database; its processes are started and stopped by the block that needs them."""

    name: str
    database_url: str
    folder: Path
    port: int
    mail_port: int = 0
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.engine = db.make_engine(self.database_url)
        tokens.configure(self.settings.secret_keys)
        email_addresses.configure(self.settings.digest_secret)

    @property
    def settings(self) -> Settings:
        """The same for an app in this process."""
        return Settings.model_validate({name.lower(): value for name, value in self._settings.items()})

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_postgresql(self) -> bool:
        """Whether it runs on PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    @property
    def environment(self) -> dict[str, str]:
        """The settings of its processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PETITION_")}
        return kept | {f"PETITION_{name}": value for name, value in self._settings.items()}

    @property
    def _settings(self) -> dict[str, str]:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self.mail_port)} if self.mail_port else {}
        return mail | {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": SECRET,
            "BASE_URL": self.url,
            "MAIL_DEFAULT_SENDER": "Petition <petition@petition.example>",
            "RATE_LIMITS": "off",
        }

    def command(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run ``petition …`` to its end and return what it said."""
        return subprocess.run(
            [PETITION, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start ``petition …`` as the leader of a process group of its own."""
        with (self.folder / "platform.log").open("ab") as log:
            return subprocess.Popen(
                [PETITION, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def serve(self) -> subprocess.Popen[bytes]:
        """Start two web processes; they answer a little later."""
        return self.start("serve", "--port", str(self.port), "--workers", "2")

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve until the end of the block."""
        with running(self.serve()) as web:
            wait_for(self.port)
            yield web

    @contextmanager
    def working(self, workers: int = 1) -> Iterator[None]:
        """Run background workers until the end of the block."""
        started = [self.start("worker") for _ in range(workers)]
        try:
            yield
        finally:
            for one in started:
                stop(one)


@contextmanager
def platform(name: str, folder: Path, server: Postgresql | None = None) -> Iterator[Platform]:
    """Give a platform with the demo's calls on a fresh database, on SQLite when there is no server."""
    folder.mkdir()
    url = (
        database.fresh(server, name.lower().replace(" ", "_")) if server else f"sqlite:///{folder / 'petition.sqlite'}"
    )
    upgrade(url)
    made = Platform(name, url, folder, free_port())
    loaded = made.command("load-demo")
    if loaded.returncode:
        raise SystemExit(loaded.stderr)
    try:
        yield made
    finally:
        made.engine.dispose()


@contextmanager
def hello() -> Iterator[str]:
    """Serve the bare Flask view until the end of the block and give its address."""
    port = free_port()
    with running(start(sys.executable, "-m", "bench.hello", str(port))):
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def nginx(folder: Path, files: dict[str, bytes], more: str = "") -> Iterator[int]:
    """Serve these files with nginx until the end of the block and give its port."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    port = free_port()
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, more=more))
    with running(start(program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"))):
        wait_for(port)
        yield port


@contextmanager
def mail_sink(log: Path, postfix: str = "") -> Iterator[int]:
    """Run a mail server until the end of the block and give its port: Postfix's smtp-sink, or else our own."""
    port = free_port()
    as_nobody = ("-u", "nobody") if os.geteuid() == 0 else ()  # It refuses root.
    ours = (sys.executable, "-m", "bench.sink", str(port), str(log))
    with running(start(postfix, *as_nobody, f"127.0.0.1:{port}", "256") if postfix else start(*ours)):
        wait_for(port)
        yield port


@contextmanager
def faulty_sink(script: Path, log: Path, mode: str) -> Iterator[tuple[int, int]]:
    """Run the faulty mail server in a mode until the end of the block; give its port and that of its control."""
    port, control = free_port(), free_port()
    options = ("--port", str(port), "--control", str(control), "--log", str(log), "--mode", mode)
    with running(start(sys.executable, str(script), *options)):
        wait_for(control)
        yield port, control
