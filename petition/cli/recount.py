"""Totals against signatures, and figures of stories against stories."""

import click
from flask.cli import with_appcontext

from petition.db import session
from petition.domain import story_tallies, totals


@click.command()
@click.option("--repair", is_flag=True, help="Correct the totals.")
@with_appcontext
def recount(repair: bool) -> None:
    """Compare every total with the signatures, and with the stories; exit code 1 when one differs."""
    checked = (totals.repair, story_tallies.repair) if repair else (totals.drift, story_tallies.drift)
    figures = [figure for check in checked for figure in check(session)]
    session.commit()
    for call_id, dimension, key, missing in figures:
        click.echo(f"call {call_id}: {dimension} {key or 'all'}: {missing:+d}")
    if not figures:
        click.echo("Every total agrees with its signatures and stories.")
    raise SystemExit(1 if figures and not repair else 0)
