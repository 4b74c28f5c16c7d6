"""Erasures that a restored backup does not know of."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from petition.db import session
from petition.domain import supporters
from petition.http import current
from petition.lib import erasure_log


@click.command("erase-again")
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@with_appcontext
def erase_again(folders: tuple[Path, ...]) -> None:
    """Erase what a restored backup brought back, as the data folder notes it, and FOLDERS such as other hosts'."""
    erased = supporters.erase_again(session, erasure_log.read([current.settings().erasures_folder, *folders]))
    session.commit()
    click.echo(f"{erased} signatures were erased after the backup and are erased again.")
