"""The ``petition`` command."""

import click
from flask.cli import ScriptInfo

from petition.app import create_app
from petition.cli.accounts import create_owner, reset_owner
from petition.cli.content import load_demo
from petition.cli.database import db
from petition.cli.demo import demo
from petition.cli.doctor import doctor
from petition.cli.erase_again import erase_again
from petition.cli.keys import rotate_digest_key
from petition.cli.recount import recount
from petition.cli.routes import routes
from petition.cli.serve import serve
from petition.cli.worker import worker

cli = click.Group("petition", help="Run a platform for petitions and other calls to action.")
for command in (
    create_owner,
    db,
    demo,
    doctor,
    erase_again,
    load_demo,
    recount,
    reset_owner,
    rotate_digest_key,
    routes,
    serve,
    worker,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 the answer is no, 2 wrong usage."""
    cli(obj=ScriptInfo(create_app=create_app), auto_envvar_prefix="PETITION_CLI")
