"""In the demo, on this machine: links that sign in with one press, to try out each role."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import accounts
from petition.http import access, urls
from petition.web import sign_in
from petition.web.dashboard.access import open_to_strangers

bp = Blueprint("demo_sign_in", __name__, url_prefix="/organise/demo")
bp.before_request(access.demo_on_this_machine)


@bp.get("/<token>")
@open_to_strangers
def demo(token: str) -> ResponseReturnValue:
    """Show who would be signed in, and a button."""
    return render_template("demo_sign_in/demo.html", person=accounts.get_by_demo_token(session, token), token=token)


@bp.post("/<token>")
@open_to_strangers
@urls.shown_at("demo_sign_in.demo")
def enter(token: str) -> ResponseReturnValue:
    """Sign in."""
    response = sign_in.finish_sign_in(accounts.get_by_demo_token(session, token), is_first=True)
    session.commit()
    return response
