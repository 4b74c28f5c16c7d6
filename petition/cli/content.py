"""Calls as files: out of the database, and in."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import IntegrityError

from petition.db import session
from petition.domain import contents, publishing
from petition.errors import Conflict, NotFound
from petition.forms.contents import Fault, WrongFile, read, write
from petition.lib import toml
from petition.models import CallFile

# Far more than all words of a call in all languages.
_MAX_BYTES = 16 * 1024 * 1024


@click.command("export-call", epilog="Example: petition export-call keep-culture-open > call.toml")
@click.argument("slug")
@click.option("--draft", is_flag=True, help="Write the newest draft, not what is published.")
@with_appcontext
def export_call(slug: str, draft: bool) -> None:
    """Write the call SLUG with its words as TOML to standard output; exit code 1 when there is none."""
    try:
        file = contents.export(session, slug, is_draft=draft)
    except NotFound:
        raise SystemExit(f"petition: there is no call {slug}") from None
    # TOML is UTF-8, whatever the terminal's encoding is.
    sys.stdout.buffer.write(write(file).encode())


@click.command("import-call", epilog="Example: petition import-call call.toml --dry-run")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the file and say what would be done; change nothing.")
@click.option("--publish", is_flag=True, help="Publish the draft too; no word that was published changes unseen.")
@click.option(
    "--note", default="", help="With --publish: tells the public why words change; needed to correct the ask."
)
@with_appcontext
def import_call(path: Path, dry_run: bool, publish: bool, note: str) -> None:
    """Make FILE the draft of its call, and the call if there is none; exit code 1 for a file with faults."""
    with _refusals(path):
        file, lines = read(_bytes(path))
        planned = _plan(file, lines)
        click.echo(_words(planned))
        if dry_run:
            return
        call = contents.save(session, file)
        session.flush()
        if publish and (revision := publishing.newest_revision(session, call)):
            publishing.publish(session, None, call, revision=revision.number, note=note)
        session.commit()
    click.echo("Published." if publish else "It is the draft now; nothing that is published changed.")


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > _MAX_BYTES:
        raise WrongFile([Fault(1, "This file is too large to be a call.")])
    return path.read_bytes()


def _plan(file: CallFile, lines: toml.Lines) -> contents.Plan:
    """Return what an import would do; raises WrongFile."""
    try:
        if file.signatures:
            raise contents.DoesNotFit("signatures", "Made-up signatures are for the demonstration only.")
        return contents.plan(session, file)
    except contents.DoesNotFit as error:
        raise WrongFile([Fault(toml.line_of(lines, (error.key,)), error.sentence)]) from None


def _words(planned: contents.Plan) -> str:
    """Return what an import does, in a sentence."""
    slug = planned.call.slug if planned.call else planned.content["slug"]
    if planned.call is None:
        return f"A new call {slug} in the campaign {planned.campaign.slug}."
    if not planned.changes:
        return f"The draft of {slug} says the same already."
    return f"Another draft of {slug}, which changes {', '.join(planned.changes)}."


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Say in lines what is in the way, change nothing, and end with exit code 1."""
    try:
        yield
    except WrongFile as error:
        said = "\n".join(f"{path}:{fault.line}: {fault.sentence}" for fault in error.faults)
    except IntegrityError:
        said = "petition: somebody saved the same call at the same moment: run the command again"
    except Conflict as error:
        reason = _REASONS.get(type(error).__name__, "it cannot be published now")
        said = f"petition: nothing was changed, because {reason}"
    else:
        return
    session.rollback()
    raise SystemExit(said)


# Why a draft is not published, by the names of the classes that say so.
_REASONS = {
    "NothingNew": "this is published already",
    "Incomplete": "a language lacks words that it needs: title, addressees, ask, body and share_text",
    "KindFixed": "the kind of a call stays once people could sign it",
    "AddressTaken": "its address belongs to another call, or did once",
    "AskChanged": "what people have signed changes only as a correction: say why with --note",
    "WrongTimes": "its times cannot be these any more",
    "WrongPhase": "a call that is archived or taken down is not published again",
    "StaleRevision": "somebody saved another draft at the same moment: run the command again",
}
