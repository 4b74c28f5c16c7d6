"""The background worker."""

import click
from flask.cli import ScriptInfo

from petition.jobs.worker import run


@click.command()
@click.option("--once", is_flag=True, help="Work off what is due and exit.")
@click.pass_context
def worker(context: click.Context, once: bool) -> None:
    """Send letters and forget what is due to be forgotten; any number may run."""
    done = run(context.ensure_object(ScriptInfo).load_app(), once=once)
    raise SystemExit(1 if done.get("left") else 0)
