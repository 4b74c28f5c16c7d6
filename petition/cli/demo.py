"""The demo: everything in one command, with a mailbox to read."""

import fcntl
import multiprocessing
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnContext
from pathlib import Path

import click

from petition.app import create_app
from petition.cli import database, demo_content, europeana_stub, keys, serve
from petition.cli.accounts import demo_link
from petition.config import Settings, load
from petition.db import session

_SECONDS = 60


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def demo(port: int) -> None:
    """Show the #AllezCulture campaign on this machine: web, worker and a mailbox at /mailbox."""
    os.environ |= {"PETITION_DEMO": "true"}
    # Browsers refuse passkeys on an address of numbers.
    os.environ.setdefault("PETITION_BASE_URL", f"http://localhost:{port}")
    serve.refuse_taken("127.0.0.1", port)
    # A process of its own, not a thread: the server forks, and a thread's locks would stay taken in its processes.
    spawn = multiprocessing.get_context("spawn")
    settings = load()
    if not settings.europeana_key.get_secret_value():
        settings = _with_invented_europeana(spawn)
    with _alone(settings.data_dir):
        database.upgrade(settings.database_url)
        with create_app(settings).app_context():
            keys.check(session)
            links = [f"{person.name}, {words}: {demo_link(person)}" for person, words in demo_content.load(session)]
        worker = subprocess.Popen([sys.executable, "-m", "petition", "worker"])
        spawn.Process(target=_announce, args=(settings.base_url, port, links), daemon=True).start()
        try:
            serve.run("127.0.0.1", port, workers=1, quiet=True)
        finally:
            worker.terminate()
            worker.wait(timeout=30)


def _with_invented_europeana(spawn: SpawnContext) -> Settings:
    """Let the demo ask a stand-in on this machine, whose persons and objects are made up; returns the settings then."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    spawn.Process(target=europeana_stub.run, args=(port,), daemon=True).start()
    os.environ |= {"PETITION_EUROPEANA_URL": f"http://127.0.0.1:{port}", "PETITION_EUROPEANA_KEY": europeana_stub.KEY}
    return load()


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


def _announce(base_url: str, port: int, links: list[str]) -> None:
    """Say where to look once the pages are there, so that it is the last line on the screen."""
    deadline = time.monotonic() + _SECONDS
    with suppress(KeyboardInterrupt):
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                    click.echo("Organisers of the demo, on this machine only:")
                    for link in links:
                        click.echo(f"  {link}")
                    click.echo(f"Open {base_url}/ and read the letters at {base_url}/mailbox. Ctrl-C stops.")
                    return
            except OSError:
                time.sleep(0.1)
