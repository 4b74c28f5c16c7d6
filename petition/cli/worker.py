"""The background worker."""

import click
from flask.cli import ScriptInfo

from petition.cli import keys
from petition.config import load
from petition.db import session
from petition.jobs.worker import run
from petition.lib import metrics


@click.command()
@click.option("--once", is_flag=True, help="Work off what is due and exit.")
@click.pass_context
def worker(context: click.Context, once: bool) -> None:
    """Send letters and forget what is due to be forgotten; any number may run."""
    if not once:
        metrics.share(load().metrics_folder)
    app = context.ensure_object(ScriptInfo).load_app()
    with app.app_context():
        keys.check(session)
    done = run(app, once=once)
    raise SystemExit(1 if done.get("letters_due") else 0)
