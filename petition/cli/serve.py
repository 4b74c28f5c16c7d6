"""The web server."""

import os
import socket

import click
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from petition import db
from petition.cli import keys
from petition.config import load
from petition.http import request_body
from petition.lib import email_addresses, metrics

# Milliseconds from the end of one answer, or from the beginning of a connection, to the end of a request's headers.
_HEADERS_TIMEOUT = 15_000


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Answer HTTP until told to stop; what is in flight is finished first."""
    settings = load()
    email_addresses.configure(settings.digest_secret)
    engine = db.connect(settings.database_url, pgbouncer=settings.pgbouncer)
    keys.check(db.session)
    db.scope.remove()
    engine.dispose()
    run(host, port, workers)


def run(host: str, port: int, workers: int, *, quiet: bool = False) -> None:
    """Serve the app with several processes until SIGTERM or SIGINT; raises SystemExit for a port that is taken.

    ``quiet`` lets the server say nothing but errors.
    """
    refuse_taken(host, port)
    settings = load()
    metrics.sweep(settings.metrics_folder)
    Server(
        "petition.app:serving",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers,
        blocking_threads=request_body.threads(is_behind_proxy=settings.trusted_proxies > 0),
        # In HTTP/2 one connection can begin as many forms as it likes and end none.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_TIMEOUT),
        backlog=1024,
        log_access=False,
        log_level=LogLevels.error if quiet else LogLevels.info,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve()


def refuse_taken(host: str, port: int) -> None:
    """Raise SystemExit, with one line, for a port that we cannot listen on.

    The server itself would share it with another one of its kind, and each would get some of the visitors.
    """
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        # Python puts the address into the text too; a name that means nothing here has no number of the system.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise SystemExit(f"petition: cannot listen on {host}, port {port}: {reason}") from None
