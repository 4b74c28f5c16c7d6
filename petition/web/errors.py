"""What people see when something cannot be done; the only place that knows status codes."""

from typing import NamedTuple

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from petition.db import session
from petition.domain.signing import CallNotOpen, NotPending
from petition.domain.supporters import NotConfirmed
from petition.errors import Conflict, Gone, NotAllowed, NotFound, Overloaded
from petition.lib.tokens import LinkExpired
from petition.web.limits import TooMany
from petition.web.proof import ProofWanted
from petition.web.sharing import NotAServer

log = structlog.get_logger()

SOON = 5  # seconds after which it is worth trying again when the database is away


class Page(NamedTuple):
    """What is said about one kind of error."""

    status: int
    title: LazyString
    sentence: LazyString


_NOT_FOUND = Page(404, _("Not found"), _("There is nothing at this address, or not any more."))
_UNREADABLE = Page(400, _("We did not understand"), _("The request was incomplete or not well formed."))
_AWAY = Page(
    503,
    _("Back in a moment"),
    _("We cannot reach our records right now. Nothing is lost: please try again in a while."),
)
_BROKEN = Page(500, _("Something broke"), _("The fault is ours, and nothing you did caused it. It has been recorded."))

_PAGES: dict[type[Exception], Page] = {
    NotFound: _NOT_FOUND,
    Gone: Page(410, _("Removed"), _("This page was published once and has been removed.")),
    NotAllowed: Page(403, _("Not allowed"), _("This request did not come from one of our pages.")),
    LinkExpired: Page(
        410, _("This link has expired"), _("Ask for a new link to your signatures: we send it to your address.")
    ),
    CallNotOpen: Page(409, _("Signing is not open"), _("This call has closed, or is not open yet.")),
    NotPending: Page(
        409,
        _("This signature is not waiting any more"),
        _("It was confirmed, withdrawn or removed meanwhile. Ask for a link to your signatures to see it."),
    ),
    NotConfirmed: Page(
        409,
        _("This signature does not count at the moment"),
        _("It was withdrawn or removed, so it cannot be changed."),
    ),
    Conflict: Page(409, _("Not possible now"), _("Something has changed meanwhile.")),
    NotAServer: Page(
        422,
        _("We do not know this server"),
        _("Please go back and type the name of your Mastodon server, such as mastodon.social."),
    ),
    TooMany: Page(
        429,
        _("Too many at once"),
        _("Many requests came from your network. Nothing is lost: please try again in a while."),
    ),
    ProofWanted: Page(
        422,
        _("One moment, please"),
        _(
            "Your browser did not solve the small puzzle that keeps robots out, perhaps because JavaScript is off. That is fine: please wait 15 seconds, then press the button. Nothing you typed is lost."
        ),
    ),
    DataError: _UNREADABLE,
    OperationalError: _AWAY,
    InterfaceError: _AWAY,
    # Such as a PostgreSQL that takes no changes at the moment.
    InternalError: _AWAY,
    NoConnection: _AWAY,
    Overloaded: _AWAY,
}

_STATUSES = {
    400: _UNREADABLE,
    404: _NOT_FOUND,
    405: Page(405, _("Not possible here"), _("This address does not take that kind of request.")),
    413: Page(413, _("Too much at once"), _("What was sent is larger than this form takes.")),
}


def prepare(app: Flask) -> None:
    """Answer every error with a page, or with problem details where a program asks."""
    for kind in (*_PAGES, HTTPException, Exception):
        app.register_error_handler(kind, _answer)


def _answer(error: Exception) -> Response:
    session.rollback()
    page = _page(error)
    if page.status >= 500:
        log.error("request_failed", endpoint=request.endpoint, error=type(error).__name__, exc_info=page is _BROKEN)
    response = _problem(page) if _is_for_programs() else _html(page, error)
    response.status_code = page.status
    if isinstance(error, HTTPException):
        # Such as Allow, which 405 must have, or where a redirect leads.
        response.headers.extend(
            [header for header in error.get_headers(request.environ) if header[0] in {"Allow", "Location"}]
        )
    if _is_worth_repeating(page, error):
        response.headers["Retry-After"] = str(getattr(error, "retry_after", SOON))
    return response


def _page(error: Exception) -> Page:
    if isinstance(error, HTTPException):
        status = error.code or 500
        return _STATUSES.get(status, _UNREADABLE._replace(status=status) if status < 500 else _BROKEN)
    return next((page for kind, page in _PAGES.items() if isinstance(error, kind)), _BROKEN)


def _is_worth_repeating(page: Page, error: Exception) -> bool:
    return page.status in {429, 503} or hasattr(error, "retry_after")


def _is_for_programs() -> bool:
    return request.path.startswith("/api/") or request.path.endswith(".json")


def _problem(page: Page) -> Response:
    """Return problem details as in RFC 9457."""
    response = jsonify(type="about:blank", title=page.title, status=page.status, detail=page.sentence)
    response.mimetype = "application/problem+json"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _html(page: Page, error: Exception) -> Response:
    """Return a page; where trying again helps, it holds what was typed behind a button."""
    if request_ctx.url_adapter is None:
        # The Host header could not be read; then Flask knows no address of any page.
        return Response(f"{page.title}. {page.sentence}\n", mimetype="text/plain")
    added: dict[str, str] = getattr(error, "fields", {})
    typed = []
    if _is_worth_repeating(page, error) and request.method == "POST":
        typed = [(name, value) for name, value in request.form.items(multi=True) if name not in added]
        typed.extend(added.items())
    html = render_template(
        "errors/error.html", title=page.title, sentence=page.sentence, status=page.status, typed=typed
    )
    return make_response(html)
