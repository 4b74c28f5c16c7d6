"""What is wrong with this installation."""

import smtplib
import socket
from collections.abc import Callable, Iterator

import click
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from petition.cli import database
from petition.config import Settings, load
from petition.db import make_engine


@click.command()
def doctor() -> None:
    """Say what is wrong with the settings, the database and the mail server; exit code 1 when something is."""
    settings = load()
    faults = [fault for check in (_settings, _database, _mail) for fault in check(settings)]
    for fault in faults:
        click.echo(fault)
    raise SystemExit(1 if faults else click.echo("All is well."))
