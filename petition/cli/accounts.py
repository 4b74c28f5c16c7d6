"""Commands for accounts: the first owner, a way back in, and the demo's links."""

import click
from flask.cli import with_appcontext

from petition.db import session
from petition.domain import accounts, invitations
from petition.http import current
from petition.lib import email_addresses, tokens
from petition.lib.languages import INTERFACE
from petition.models import Organiser


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return email_addresses.deliverable(email_addresses.repair(value))
    except ValueError:
        raise click.BadParameter("should look like name@example.org") from None


@click.command("create-owner", epilog="Example: petition create-owner ann@museum.example --team 'City museum'")
@click.argument("email", callback=_address)
@click.option("--team", metavar="NAME", help="The team to own, made if there is none of this name; without, the site.")
@click.option("--language", type=click.Choice(INTERFACE), default="en", show_default=True, help="Language of the team.")
@with_appcontext
def create_owner(email: str, team: str | None, language: str) -> None:
    """Print a link, good once, with which EMAIL becomes owner of a team or of the site."""
    if team is not None and not 0 < len(team.strip()) <= 120:
        raise click.BadParameter("a team's name has 1 to 120 characters", param_hint="--team")
    owned = invitations.find_or_make_team(session, team.strip(), language) if team else None
    invitation = invitations.invite_owner(session, email, owned, language)
    session.flush()
    token = tokens.make(invitations.PURPOSE, invitations.link_id(invitation))
    session.commit()
    click.echo(f"{current.settings().base_url}/organise/invitation/{token}")
    click.echo(f"Good once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC, for {email} only.", err=True)


@click.command("reset-owner", epilog="Example: petition reset-owner ann@museum.example")
@click.argument("email", callback=_address)
@with_appcontext
def reset_owner(email: str) -> None:
    """Open a way back in for EMAIL, who lost every factor: by e-mail, after 24 hours in which they can object.

    Exit code 1 when there is no such account.
    """
    organiser = accounts.find_by_email(session, email)
    if organiser is None:
        raise SystemExit(f"petition: there is no account with the address {email}")
    reset = accounts.ask_for_reset(session, None, organiser)
    session.commit()
    click.echo(
        f"An e-mail tells {email} now; a second one with the way in leaves at {reset.due_at:%Y-%m-%d %H:%M} UTC."
    )


def demo_link(organiser: Organiser) -> str:
    """Return the link that signs somebody in with one press, in the demo and on this machine only."""
    return f"{current.settings().base_url}/organise/demo/{accounts.demo_token(organiser)}"
