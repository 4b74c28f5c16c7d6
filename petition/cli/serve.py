"""The web server."""

import click
from granian.constants import Interfaces
from granian.server import Server

from petition.config import load
from petition.http import request_body
from petition.lib import metrics


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Answer HTTP until told to stop; what is in flight is finished first."""
    load()
    run(host, port, workers)


def run(host: str, port: int, workers: int) -> None:
    """Serve the app with several processes until SIGTERM or SIGINT."""
    metrics.sweep(load().metrics_folder)
    Server(
        "petition.app:serving",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers,
        blocking_threads=request_body.THREADS,
        backlog=1024,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve()
