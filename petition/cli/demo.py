"""The demo: everything in one command, with a mailbox to read."""

import fcntl
import multiprocessing
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from petition.app import create_app
from petition.cli import content, database, keys, serve
from petition.config import load
from petition.db import session

_SECONDS = 60


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def demo(port: int) -> None:
    """Show the #AllezCulture campaign on this machine: web, worker and a mailbox at /mailbox."""
    os.environ |= {"PETITION_DEMO": "true"}
    # Browsers refuse passkeys on an address of numbers.
    os.environ.setdefault("PETITION_BASE_URL", f"http://localhost:{port}")
    settings = load()
    serve.refuse_taken("127.0.0.1", port)
    with _alone(settings.data_dir):
        database.upgrade(settings.database_url)
        with create_app(settings).app_context():
            keys.check(session)
            content.load(session)
        worker = subprocess.Popen([sys.executable, "-m", "petition", "worker"])
        # A process of its own, not a thread: the server forks, and a thread's locks would stay taken in its processes.
        spawn = multiprocessing.get_context("spawn")
        spawn.Process(target=_announce, args=(settings.base_url, port), daemon=True).start()
        try:
            serve.run("127.0.0.1", port, workers=1, quiet=True)
        finally:
            worker.terminate()
            worker.wait(timeout=30)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep the data folder for one demo; raises SystemExit when another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SystemExit(f"petition: another demo runs on the data in {folder}: stop it first") from None
        yield


def _announce(base_url: str, port: int) -> None:
    """Say where to look once the pages are there, so that it is the last line on the screen."""
    deadline = time.monotonic() + _SECONDS
    with suppress(KeyboardInterrupt):
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                    click.echo(f"Open {base_url}/ and read the letters at {base_url}/mailbox. Ctrl-C stops.")
                    return
            except OSError:
                time.sleep(0.1)
