"""The list of paths."""

import click
from flask.cli import ScriptInfo, routes_command
from pydantic import SecretStr

from petition.app import create_app
from petition.config import Settings


@click.command("routes", params=routes_command.params, help="List every path; no setting is needed for that.")
@click.pass_context
def routes(context: click.Context, /, **options: object) -> None:
    """Let Flask list the paths of an app whose settings matter to none of them."""
    settings = Settings.model_construct(
        secret_key=SecretStr("-" * 32), base_url="http://localhost", database_url="sqlite://"
    )
    context.obj = ScriptInfo(create_app=lambda: create_app(settings))
    context.invoke(routes_command, **options)
