"""What people see when something cannot be done; the only place that knows status codes.

These are the errors of the plumbing. A module with pages has its own in ``ERRORS``.
"""

from typing import NamedTuple

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from petition.db import session
from petition.errors import Conflict, Explained, Gone, NotAllowed, NotFound, Overloaded
from petition.http import link_repair, urls
from petition.http.access import FromAnotherOrigin, Resendable
from petition.http.form_encoding import NotUtf8
from petition.http.proof_of_work import WAIT, ProofRequired
from petition.http.rate_limits import TooManyRequests

log = structlog.get_logger()

RETRY_AFTER = 5  # seconds after which it is worth trying again when the database is away


class ErrorPage(NamedTuple):
    """The HTTP status of one kind of error, and what is said about it."""

    status: int
    title: LazyString
    sentence: LazyString | str
    # An endpoint where people can help themselves, and what the way there says.
    onward: tuple[str, LazyString] | None = None


ErrorPages = dict[type[Exception], ErrorPage]

_NOT_FOUND = ErrorPage(
    404,
    _("This page is not here"),
    _("There is nothing at this address, or not any more. Perhaps a part of it is missing."),
)
_UNREADABLE = ErrorPage(400, _("We did not understand"), _("The request was incomplete or not well formed."))
_AWAY = ErrorPage(
    503,
    _("Back in a moment"),
    _("We cannot reach our records right now. Nothing is lost: please try again in a while."),
)
_BROKEN = ErrorPage(
    500, _("Something broke"), _("The fault is ours, and nothing you did caused it. It has been recorded.")
)

_PAGES: ErrorPages = {
    NotFound: _NOT_FOUND,
    Gone: ErrorPage(410, _("Removed"), _("This page was published once and has been removed.")),
    NotAllowed: ErrorPage(403, _("Not allowed"), _("This request did not come from one of our pages.")),
    FromAnotherOrigin: ErrorPage(
        403,
        _("One more press, please"),
        _(
            "What you typed came from another address than ours, perhaps because a translation service shows our page. Nothing is lost and nothing is sent yet: look at it once more and send it from here."
        ),
    ),
    NotUtf8: ErrorPage(
        400,
        _("We could not read the text"),
        _(
            "The text was not sent in UTF-8, so accents would have been lost. Please go back and send it with a current browser."
        ),
    ),
    Conflict: ErrorPage(409, _("Not possible now"), _("Something has changed meanwhile.")),
    TooManyRequests: ErrorPage(
        429,
        _("Too many at once"),
        _("Many requests came from your network. Nothing is lost: please try again in a while."),
    ),
    ProofRequired: ErrorPage(
        422,
        _("One moment, please"),
        _(
            "Your browser did not solve the small puzzle that keeps robots out, perhaps because JavaScript is off. That is fine: please wait %(seconds)s seconds, then press the button. Nothing you typed is lost.",
            seconds=WAIT.seconds,
        ),
    ),
    DataError: _UNREADABLE,
    OperationalError: _AWAY,
    InterfaceError: _AWAY,
    # Such as a PostgreSQL that takes no changes at the moment.
    InternalError: _AWAY,
    PoolTimeout: _AWAY,
    Overloaded: _AWAY,
}

_STATUSES = {
    400: _UNREADABLE,
    404: _NOT_FOUND,
    405: ErrorPage(405, _("Not possible here"), _("This address does not take that kind of request.")),
    413: ErrorPage(413, _("Too much at once"), _("What was sent is larger than this form takes.")),
}


def init_app(app: Flask, errors: ErrorPages) -> None:
    """Answer every error with a page, or with problem details where a program asks; ``errors`` are those of pages."""
    app.extensions["error_pages"] = _PAGES | errors
    for kind in (*_PAGES, *errors, HTTPException, Exception):
        app.register_error_handler(kind, answer)


def answer(error: Exception) -> Response:
    """Return the page of an error."""
    session.rollback()
    page = _page(error)
    if page.status == 404 and (location := link_repair.repaired()):
        response = make_response(redirect(location))
        response.vary.add("Accept-Language")
        return response
    if page.status >= 500:
        log.error("request_failed", endpoint=request.endpoint, error=type(error).__name__, exc_info=page is _BROKEN)
    response = _problem(page) if _is_for_programs() else _html(page, error)
    response.status_code = page.status
    if isinstance(error, HTTPException):
        # Such as Allow, which 405 must have.
        response.headers.extend([header for header in error.get_headers(request.environ) if header[0] == "Allow"])
    if _is_worth_repeating(page, error):
        response.headers["Retry-After"] = str(getattr(error, "retry_after", RETRY_AFTER))
    return response


def _page(error: Exception) -> ErrorPage:
    if isinstance(error, HTTPException):
        status = error.code or 500
        return _STATUSES.get(status, _UNREADABLE._replace(status=status) if status < 500 else _BROKEN)
    pages: ErrorPages = current_app.extensions["error_pages"]
    page = next((pages[kind] for kind in type(error).__mro__ if kind in pages), _BROKEN)
    return page._replace(sentence=error.sentence) if isinstance(error, Explained) else page


def _is_worth_repeating(page: ErrorPage, error: Exception) -> bool:
    return page.status in {429, 503} or hasattr(error, "retry_after")


def _is_for_programs() -> bool:
    return request.path.startswith("/api/") or request.path.endswith(".json") or request.is_json


def _problem(page: ErrorPage) -> Response:
    """Return problem details as in RFC 9457."""
    response = jsonify(type="about:blank", title=page.title, status=page.status, detail=page.sentence)
    response.mimetype = "application/problem+json"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _onward_url(page: ErrorPage) -> str:
    if page.onward is None:
        return ""
    endpoint = page.onward[0]
    has_language = current_app.url_map.is_endpoint_expecting(endpoint, "lang")
    return url_for(endpoint, lang=urls.language()) if has_language else url_for(endpoint)


def _html(page: ErrorPage, error: Exception) -> Response:
    """Return a page; where sending again helps, it holds what was typed behind a button."""
    if request_ctx.url_adapter is None:
        # The Host header could not be read; then Flask knows no address of any page.
        return Response(f"{page.title}. {page.sentence}\n", mimetype="text/plain")
    shown: tuple[str, ...] = ()
    action = request.full_path.rstrip("?")
    if isinstance(error, Resendable):
        shown = error.shown
    if isinstance(error, FromAnotherOrigin):
        # The page may be shown by a proxy, whose origin is not ours: the form leads to our address in full.
        g.has_sharing, action = True, urls.absolute(action)
    typed, onward_url = _typed(page, error), _onward_url(page)
    html = render_template(
        "embed/error.html" if "frame_ancestors" in g else "errors/error.html",
        page=page,
        typed=typed,
        shown=shown,
        action=action,
        onward_url=onward_url,
    )
    return make_response(html)


def _typed(page: ErrorPage, error: Exception) -> list[tuple[str, str]]:
    """Return the fields of a form that is worth sending again but for passwords, with what the error adds."""
    if request.method != "POST" or not (_is_worth_repeating(page, error) or isinstance(error, Resendable)):
        return []
    added: dict[str, str] = getattr(error, "fields", {})
    try:
        form = request.form
    except (HTTPException, NotUtf8):
        return []
    kept = [
        (name, value) for name, value in form.items(multi=True) if name not in added and "password" not in name.lower()
    ]
    return kept + list(added.items())
