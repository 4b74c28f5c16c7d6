"""Migrations."""

import click
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from flask.cli import with_appcontext
from sqlalchemy import Engine

from petition.config import folder, load
from petition.http import current
from petition.models import Base


@click.group()
def db() -> None:
    """Prepare, check or step back the database."""


@db.command("upgrade")
@click.argument("revision", default="head")
def _upgrade(revision: str) -> None:
    """Bring the database to REVISION (the newest, when not given)."""
    upgrade(load().database_url, revision)


@db.command("downgrade")
@click.argument("revision", default="-1")
def _downgrade(revision: str) -> None:
    """Step the database back to REVISION (one step, when not given)."""
    downgrade(load().database_url, revision)


@db.command("check")
@with_appcontext
def _check() -> None:
    """Compare the tables with the models; exit code 1 when they differ."""
    differences = compare(current.engine())
    for line in differences or ["The tables and the models agree."]:
        click.echo(line)
    raise SystemExit(bool(differences))


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database to a revision, making an SQLite file's folder first."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Step a database back to a revision."""
    command.downgrade(_config(url), revision)


def compare(engine: Engine) -> list[str]:
    """Return what differs between the tables of a database and the models, in words."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    # Alembic reads "%" as the start of a name.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
