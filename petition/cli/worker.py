"""The background worker."""

import click
from flask import current_app
from flask.cli import with_appcontext

from petition.jobs import worker as jobs


@click.command()
@click.option("--once", is_flag=True, help="Work off what is due and exit.")
@with_appcontext
def worker(once: bool) -> None:
    """Send letters and forget what is due to be forgotten; any number may run."""
    jobs.run(current_app._get_current_object(), once=once)  # type: ignore[attr-defined]
