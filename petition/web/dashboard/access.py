"""Who may see an organiser's page: signed-in people, and of them those whose role allows what a route does."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from petition.db import session as db_session
from petition.domain import access, accounts
from petition.domain.access import Action
from petition.errors import NotAllowed
from petition.http import access as http_access
from petition.http import request_body
from petition.http.sessions import RowSession
from petition.models import Call, Campaign, Organiser, Team

View = TypeVar("View", bound=Callable[..., Any])

# The thing that a route is about, by the name of its id in the path.
_THINGS: dict[str, type[access.Thing]] = {"call_id": Call, "campaign_id": Campaign, "team_id": Team}


class StaleForm(NotAllowed):
    """Raised for a form without the token of the session at hand."""


def signed_in_only() -> ResponseReturnValue | None:
    """Send strangers to the sign-in page, and refuse forms that this session did not show; raises StaleForm.

    Only who is signed in may send more than other visitors, to the paths of BODY_LIMITS.
    """
    http_access.same_origin_only()
    request_body.admit(is_trusted=find_organiser() is not None)
    if find_organiser() is None:
        return redirect(url_for("accounts.sign_in", next=request.full_path if request.method == "GET" else None))
    if request.method == "POST":
        check_form()
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
    """Return who is signed in, or None; read once a request. Raises what kept the session from being read."""
    if "organiser" not in g:
        own = cast("RowSession", session)
        if own.failure:
            raise own.failure
        g.organiser = accounts.find_organiser(db_session, own.user_id)
    return cast("Organiser | None", g.organiser)
