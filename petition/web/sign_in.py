"""What happens once somebody has proved who they are."""

from datetime import datetime, timedelta
from typing import cast

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from limits import parse_many
from werkzeug.wrappers import Response

from petition.db import session as db_session
from petition.domain import accounts, audit
from petition.http import rate_limits
from petition.http.sessions import RowSession
from petition.lib import clock, email_addresses
from petition.models import Organiser

STEP_LASTS = timedelta(minutes=10)
ACCOUNT_LIMIT = parse_many("10/10minutes;50/day")


def check_limits(person: Organiser | None, email: str) -> None:
    """Count one try of a password; raises TooManyRequests."""
    rate_limits.check_thing(f"sign-in account {email_addresses.exact(email)}", ACCOUNT_LIMIT)


def after_password(person: Organiser) -> ResponseReturnValue:
    """Sign in somebody whose password was right, or ask for the second step if they have one; does not commit."""
    if person.totp_secret is None:
        return finish_sign_in(person)
    session["pending"] = {"organiser_id": person.id, "at": clock.now().isoformat()}
    return redirect(url_for("second_factor.verify"), 303)


def find_pending() -> Organiser | None:
    """Return whose password was right within STEP_LASTS, or None."""
    pending = dict(session).get("pending")
    if not pending or clock.now() - datetime.fromisoformat(pending["at"]) > STEP_LASTS:
        return None
    return accounts.find_organiser(db_session, pending["organiser_id"])


def finish_sign_in(person: Organiser) -> Response:
    """Give the session to a person; returns where to go next. Does not commit."""
    ours = cast("RowSession", session)
    if ours.user_id == person.id:
        ours.refresh()
    else:
        ours.clear()
        ours.sign_in(person.id, "Browser")
        audit.record(db_session, person, "sign_in", person)
    return redirect(url_for("dashboard_security.security"), 303)
