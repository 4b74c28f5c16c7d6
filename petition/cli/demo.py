"""The demo: everything in one command, with a mailbox to read."""

import os
import subprocess
import sys

import click

from petition.app import create_app
from petition.cli import content, database, serve
from petition.config import load
from petition.db import session


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def demo(port: int) -> None:
    """Show the #AllezCulture campaign on this machine: web, worker and a mailbox at /mailbox."""
    os.environ |= {"PETITION_DEMO": "true"}
    os.environ.setdefault("PETITION_BASE_URL", f"http://127.0.0.1:{port}")
    settings = load()
    database.upgrade(settings.database_url)
    with create_app(settings).app_context():
        content.load(session)
    click.echo(f"Open {settings.base_url}/ and read the letters at {settings.base_url}/mailbox. Ctrl-C stops.")
    worker = subprocess.Popen([sys.executable, "-m", "petition", "worker"])
    try:
        serve.run("127.0.0.1", port, workers=1)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
