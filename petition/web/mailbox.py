"""The demo's mailbox: the letters that would have been sent."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from petition.errors import NotFound
from petition.http import access, current

bp = Blueprint("mailbox", __name__)
bp.before_request(access.demo_only)

SHOWN = 100


class Mail(NamedTuple):
    """One letter as its reader would see it."""

    id: int
    sender: str
    to: str
    subject: str
    at: datetime | None
    text: str


@bp.get("/mailbox")
def index() -> ResponseReturnValue:
    """List the latest letters."""
    newest = sorted(_folder().glob("*.eml"), key=lambda path: int(path.stem), reverse=True)[:SHOWN]
    return render_template("mailbox/index.html", letters=[_read(path) for path in newest])


@bp.get("/mailbox/<id:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """Show one letter with its links."""
    path = _folder() / f"{letter_id}.eml"
    if not path.is_file():
        raise NotFound
    return render_template("mailbox/letter.html", letter=_read(path))


def _folder() -> Path:
    return current.settings().mail_folder


def _read(path: Path) -> Mail:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    date = message["Date"]
    return Mail(
        id=int(path.stem),
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=date.datetime if date else None,
        # Lines that were wrapped for old mail programs flow again.
        text=re.sub(r"(?m)^(.{50,})\n(?!\n|http|--)", r"\1 ", body.get_content().replace("\r\n", "\n")) if body else "",
    )
