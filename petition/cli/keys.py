"""The key of the digests: whether it is the database's own, and how it is changed."""

import click
import structlog
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from petition.db import session
from petition.domain import keys

WRONG_KEY = "PETITION_DIGEST_KEY is not the key that the addresses in this database were digested with"

log = structlog.get_logger()


def check(session: Session) -> None:
    """Note the key in a database that knows none yet; raises SystemExit where it was filled with another one.

    A database that is away or has no tables yet cannot be asked: then this is said, and nothing more.
    """
    try:
        is_right = keys.claim(session)
        session.commit()
    except SQLAlchemyError as error:
        session.rollback()
        log.warning("digest_key_not_checked", reason=type(error).__name__)
        return
    if not is_right:
        raise SystemExit(f"petition: {WRONG_KEY}: everybody could sign again")


@click.command("rotate-digest-key")
@with_appcontext
def rotate_digest_key() -> None:
    """Digest all addresses anew with PETITION_DIGEST_KEY as it is set now; only while all are still known."""
    try:
        signatures = keys.rotate(session)
    except keys.AddressesForgotten as error:
        raise SystemExit(
            f"petition: {error.rows} digests stand for addresses that were forgotten, so the key must stay as it was"
        ) from None
    session.commit()
    click.echo(f"The key is changed; {signatures} signatures have digests made with it.")
