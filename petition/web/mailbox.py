"""The demo's mailbox: the letters that would have been sent."""

import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue

from petition.errors import NotFound
from petition.http import access, current, security_headers

bp = Blueprint("mailbox", __name__)
bp.before_request(access.demo_only)

SHOWN = 100

# The letter is shown as a mail program would: with its own styles, without scripts, and its links leave the frame.
_SANDBOX = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none';"
    " frame-ancestors 'self'"
)


class Mail(NamedTuple):
    """One letter as its reader would see it."""

    id: int
    sender: str
    to: str
    subject: str
    at: datetime | None
    text: str
    html: str

    @property
    def link(self) -> str | None:
        """The first link with a token, which is what the letter is about; else the first of all."""
        found = re.search(r"https?://\S+/\S+\.\S+\.\S+", self.text) or re.search(r"https?://\S+", self.text)
        return found and found.group()


@bp.get("/mailbox")
def index() -> ResponseReturnValue:
    """List the latest letters."""
    newest = sorted(_folder().glob("*.eml"), key=lambda path: int(path.stem), reverse=True)[:SHOWN]
    return render_template("mailbox/index.html", letters=[_read(path) for path in newest])


@bp.get("/mailbox/<id:letter_id>")
def letter(letter_id: int) -> ResponseReturnValue:
    """Show one letter as a mail program would, with its link, large."""
    response = make_response(render_template("mailbox/letter.html", letter=_find(letter_id)))
    response.headers["Content-Security-Policy"] = security_headers.policy({"frame-src": "'self'"})
    return response


@bp.get("/mailbox/<id:letter_id>/html")
def html(letter_id: int) -> Response:
    """Return the letter's own page, which may do nothing but lead away."""
    page = _find(letter_id).html.replace("<head>", '<head><base target="_top">', 1)
    return Response(page, headers={"Content-Security-Policy": _SANDBOX})


def _find(letter_id: int) -> Mail:
    path = _folder() / f"{letter_id}.eml"
    if not path.is_file():
        raise NotFound
    return _read(path)


def _folder() -> Path:
    return current.settings().mail_folder


def _read(path: Path) -> Mail:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    date = message["Date"]
    return Mail(
        id=int(path.stem),
        sender=str(message["From"]),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        at=date.datetime if date else None,
        # Lines that were wrapped for old mail programs flow again.
        text=re.sub(r"(?m)^(.{50,})\n(?!\n|http|--)", r"\1 ", _content(plain)),
        html=_content(html),
    )


def _content(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
