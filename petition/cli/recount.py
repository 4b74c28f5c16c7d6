"""Totals against signatures."""

import click
from flask.cli import with_appcontext

from petition.db import session
from petition.domain import totals


@click.command()
@click.option("--repair", is_flag=True, help="Correct the totals.")
@with_appcontext
def recount(repair: bool) -> None:
    """Compare every total with the signatures; exit code 1 when one differs."""
    figures = totals.repair(session) if repair else totals.drift(session)
    session.commit()
    for figure in figures:
        click.echo(f"call {figure.call_id}: {figure.dimension} {figure.key or 'all'}: {figure.confirmed:+d}")
    if not figures:
        click.echo("Every total agrees with its signatures.")
    raise SystemExit(1 if figures and not repair else 0)
