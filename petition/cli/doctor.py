"""What is wrong with this installation."""

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from petition.cli import proxy
from petition.cli.database import compare
from petition.cli.keys import WRONG_KEY
from petition.config import Settings
from petition.db import is_sqlite, revision, session
from petition.domain import keys, metrics, story_tallies, totals
from petition.domain import settings as switch_settings
from petition.http import current
from petition.lib import media_store
from petition.lib.media_store import StoreUnavailable
from petition.mail.errors import ServerUnavailable
from petition.mail.transport import open_transport


@click.command()
@with_appcontext
def doctor() -> None:
    """Say what is wrong with settings, database, mail, pictures and proxy, a line each; exit code 1 when something is.

    What stands between the site and its visitors can be seen only while the site answers at PETITION_BASE_URL.
    """
    settings = current.settings()
    faults = [*_settings(settings), *_database(), *_mail(settings), *_media(settings), *_proxy(settings)]
    for line in [*_switches(), *faults] or ["All is well."]:
        click.echo(line)
    raise SystemExit(bool(faults))


def _settings(settings: Settings) -> Iterator[str]:
    if settings.base_url.startswith("http://") and not settings.demo:
        yield "settings: PETITION_BASE_URL is not https://, so links in letters are not encrypted"
    if settings.rate_limits == "off":
        yield "settings: PETITION_RATE_LIMITS is off; anybody can ask for letters without end"
    if not settings.mail_server and not settings.demo:
        yield f"settings: PETITION_MAIL_SERVER is not set; letters are only written to {settings.mail_folder}"
    if settings.mail_insecure and settings.mail_server:
        yield "settings: PETITION_MAIL_INSECURE is on; letters may travel unencrypted"
    if not settings.digest_key.get_secret_value() and not settings.demo:
        yield "settings: PETITION_DIGEST_KEY is not set; set it before PETITION_SECRET_KEY is ever changed"


def _database() -> Iterator[str]:
    try:
        found, needed = revision(session), current_app.config["REVISION"]
        if found != needed:
            yield f"database: it is at revision {found}, this version needs {needed}: run petition db upgrade"
            return
        if not keys.is_right(session):
            yield f"database: {WRONG_KEY}: nothing starts until it is"
        differences = compare(current.engine())
        yield from (f"database: it differs from the models: {difference}" for difference in differences)
        if drift := [*totals.drift(session), *story_tallies.drift(session)]:
            yield f"database: {len(drift)} figures do not agree with the signatures or stories: run petition recount --repair"
        if late := metrics.count_late(session):
            yield f"letters: {late} have been waiting for more than 10 minutes: is petition worker running?"
        if failed := metrics.count_failed(session):
            yield f"letters: {failed} could not be delivered in the last 30 days"
        if is_sqlite(session) and session.scalar(text("pragma journal_mode")) != "wal":
            yield "database: SQLite is not in WAL mode; is the file on a network drive?"
    except SQLAlchemyError as error:
        yield f"database: {type(error).__name__}: it cannot be reached or read; is PETITION_DATABASE_URL right?"


def _switches() -> Iterator[str]:
    """Say what the site's owners have switched, which is no fault."""
    try:
        now = switch_settings.current(session)
    except SQLAlchemyError:
        return
    if now.pause_signing:
        yield "switches: signing is paused on the whole site"
    if now.pause_letters:
        yield "switches: letters are paused: workers send none"
    if now.proof_of_work is not None:
        yield f"switches: the proof of work is {'on' if now.proof_of_work else 'off'}, whatever PETITION_PROOF_OF_WORK says"
    if now.slow_counters:
        yield f"switches: pages and counters are renewed every {switch_settings.SLOW_TTL:g} seconds only"
    yield from (f"switches: a banner is shown ({language}): {text}" for language, text in now.banner.items())


def _mail(settings: Settings) -> Iterator[str]:
    try:
        open_transport(settings).check()
    except ServerUnavailable as error:
        yield f"mail: the server {settings.mail_server}:{settings.mail_port} cannot be used: {error.reason}"


def _media(settings: Settings) -> Iterator[str]:
    try:
        media_store.check()
    except StoreUnavailable as error:
        yield f"media: pictures cannot be kept in {settings.media}: {error.reason}"


def _proxy(settings: Settings) -> Iterator[str]:
    try:
        yield from proxy.faults(settings)
    except proxy.Unseen as reason:
        click.echo(f"proxy: not checked, because {settings.base_url} does not answer ({reason})", err=True)
