"""What happens once somebody has proved who they are."""

import re
import secrets
from datetime import datetime, timedelta
from typing import cast

from flask import after_this_request, current_app, g, redirect, request, url_for
from flask import session as flask_session
from flask.typing import ResponseReturnValue
from limits import parse_many
from werkzeug.wrappers import Response

from petition.db import session as db_session
from petition.domain import accounts
from petition.http import rate_limits
from petition.http.rate_limits import rate_limit
from petition.http.sessions import RowSession
from petition.lib import clock, email_addresses, session_rows, user_agents
from petition.models import Organiser

HOME = "/organise/"

# So long after the password the second step may come.
STEP_LASTS = timedelta(minutes=10)

# Passwords that anybody may try from one network and, in browsers that do not know the account, for one account; and
# those that its own browsers may, which no stranger can use up.
NETWORK_LIMIT = rate_limit("sign-in", household="20/10minutes;200/day", network="200/10minutes;2000/day")
ACCOUNT_LIMIT = parse_many("10/10minutes;50/day")
DEVICE_LIMIT = parse_many("10/10minutes;50/day")


def check_limits(person: Organiser | None, email: str) -> None:
    """Count one try of a password; raises TooManyRequests. Asks the same whether or not there is an account."""
    secret = request.cookies.get(_device_cookie(), "")
    if accounts.is_known_device(db_session, person, secret):
        rate_limits.check_thing(f"sign-in device {session_rows.digest(secret).hex()}", DEVICE_LIMIT)
        return
    rate_limits.check(NETWORK_LIMIT)
    rate_limits.check_thing(f"sign-in account {email_addresses.exact(email)}", ACCOUNT_LIMIT)


def after_password(person: Organiser) -> ResponseReturnValue:
    """Sign in somebody whose password was right, or ask for the second step if they have one; does not commit."""
    if person.totp_secret is None:
        return finish_sign_in(person)
    flask_session["pending"] = {
        "organiser_id": person.id,
        "password": person.password_link_id,
        "at": clock.now().isoformat(),
        "next": next_path(),
    }
    return redirect(url_for("second_factor.verify"), 303)


def find_pending() -> Organiser | None:
    """Return whose password was right within STEP_LASTS, and is still the same, or None."""
    pending = flask_session.get("pending")
    if not pending or clock.now() - datetime.fromisoformat(pending["at"]) > STEP_LASTS:
        return None
    person = accounts.find_organiser(db_session, pending["organiser_id"])
    return person if person and person.password_link_id == pending["password"] else None


def finish_sign_in(person: Organiser, *, is_first: bool = False) -> Response:
    """Give the session to somebody who has proved who they are; returns the way to where they wanted to go.

    Who is signed in already has confirmed it. ``is_first`` says that the account was made right now. Does not commit.
    """
    ours = cast("RowSession", flask_session)
    path = flask_session.get("pending", {}).get("next") or next_path()
    if ours.user_id == person.id:
        ours.refresh()
        return redirect(path, 303)
    carried = flask_session.get("carried")
    ours.sign_in(person.id, user_agents.device(request.user_agent.string))
    if carried:
        flask_session["carried"] = carried
    # What was read of the session before is not true any more.
    g.pop("csrf_token", None)
    g.organiser = person
    secret = request.cookies.get(_device_cookie()) or secrets.token_urlsafe(32)
    accounts.note_sign_in(db_session, person, ours.device, secret, is_first=is_first)
    _remember_device(secret)
    return redirect(path, 303)


def next_path() -> str:
    """Return where somebody wanted to go: a path of ours below ``/organise/``, whatever the request says."""
    path = request.form.get("next") or request.args.get("next", "")
    is_ours = path.startswith(HOME) and re.fullmatch(r"[\x21-\x7e]+", path) and not re.search(r"//|\\|\.\.", path)
    return path if is_ours else HOME


def _remember_device(secret: str) -> None:
    @after_this_request
    def remember(response: Response) -> Response:
        response.set_cookie(
            _device_cookie(),
            secret,
            max_age=accounts.DEVICE_LASTS,
            path="/",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _device_cookie() -> str:
    """Return the name of the cookie; the prefix makes browsers refuse it from anybody but this host, over https."""
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"
