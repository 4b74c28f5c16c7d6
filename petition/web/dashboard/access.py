"""Who may see an organiser's page: signed-in people, and of them those whose role allows what a route does."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import validate_csrf
from limits import parse_many
from wtforms import ValidationError

from petition import terms
from petition.db import session as db_session
from petition.domain import access, accounts
from petition.domain.access import Action
from petition.errors import NotAllowed
from petition.http import access as http_access
from petition.http import carried_forms
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.http.sessions import RowSession
from petition.lib import clock
from petition.models import Call, Campaign, Organiser, Team

View = TypeVar("View", bound=Callable[..., Any])

# So long the last proof of who somebody is lasts for sensitive acts.
FRESH_FOR = timedelta(minutes=terms.FRESH_MINUTES)

# How often one account may be asked for its password by somebody who is signed in.
IDENTITY_LIMIT = parse_many("10/10minutes;50/day")

# The thing that a route is about, by the name of its id in the path.
_THINGS: dict[str, type[access.Thing]] = {"call_id": Call, "campaign_id": Campaign, "team_id": Team}


class StaleForm(NotAllowed):
    """Raised for a form without the token of the session at hand."""


ERRORS: ErrorPages = {
    StaleForm: ErrorPage(
        403,
        _("This page was not yours any more"),
        _("Somebody else has signed in with this browser since, or the page is very old. Please open it again."),
    ),
}


def signed_in_only() -> ResponseReturnValue | None:
    """Send strangers to the sign-in page, and refuse forms that this session did not show; raises StaleForm.

    What an organiser typed is not lost when their session has ended: it waits until they have signed in again.
    """
    http_access.same_origin_only()
    if request.method != "POST":
        return None if find_organiser() else redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    author, person = carried_forms.author(), find_organiser()
    if person is None:
        next_path = _carried(author) if author else None
        return redirect(url_for("accounts.sign_in", next=next_path), 303)
    try:
        check_form()
    except StaleForm:
        if author != person.id:
            raise
        return redirect(_carried(author), 303)
    carried_forms.drop_returned()
    return None


def check_form() -> None:
    """Refuse a form that was shown to another session; raises StaleForm."""
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise StaleForm from None


def open_to_strangers(view: View) -> View:
    """Declare that a page is for those who are not signed in, too."""
    view.action = Action.SIGN_IN  # type: ignore[attr-defined]
    return view


def require_fresh() -> None:
    """Let on who proved within FRESH_FOR who they are; others are asked again, and come back with what they typed."""
    fresh_at = cast("RowSession", session).fresh_at
    if fresh_at and clock.now() - fresh_at < FRESH_FOR:
        return
    next_path = _carried(organiser().id) if request.method == "POST" else request.full_path.rstrip("?")
    abort(redirect(url_for("accounts.confirm_identity", next=next_path), 303))


def _carried(author: int) -> str:
    """Keep the form at hand for its author; returns the path of the page that gives it back."""
    return url_for("accounts.resume", key=carried_forms.keep(author))


def needs(action: Action) -> Callable[[View], View]:
    """Declare what a route does. The view is given the thing that its path names, instead of its id.

    A path with ``<int:call_id>`` gives ``call``, ``campaign_id`` gives ``campaign`` and ``team_id`` gives ``team``; the
    first of them in this order is what the action is done to. Raises NotFound and NotAllowed as ``access.require``.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            thing = None
            for name, kind in _THINGS.items():
                if name in values:
                    found = access.get_thing(db_session, kind, values.pop(name))
                    values[name.removesuffix("_id")] = found
                    thing = thing or found
            access.require(db_session, organiser(), action, thing)
            return view(**values)

        guarded.action = action  # type: ignore[attr-defined]
        return cast("View", guarded)

    return declare


def organiser() -> Organiser:
    """Return who is signed in; only for pages under ``signed_in_only``."""
    person = find_organiser()
    assert person is not None  # noqa: S101 - signed_in_only stood before
    return person


def find_organiser() -> Organiser | None:
    """Return who is signed in, or None; read once a request."""
    if "organiser" not in g:
        g.organiser = accounts.find_organiser(db_session, cast("RowSession", session).user_id)
    return cast("Organiser | None", g.organiser)
