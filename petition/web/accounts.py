"""Where organisers sign in."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from petition.db import session as db_session
from petition.domain import accounts
from petition.http import access
from petition.web import sign_in as signing_in
from petition.web.dashboard.access import open_to_strangers

bp = Blueprint("accounts", __name__, url_prefix="/organise")
bp.before_request(access.same_origin_only)


@bp.route("/login", methods=["GET", "POST"])
@open_to_strangers
def sign_in() -> ResponseReturnValue:
    """Ask for address and password."""
    if request.method == "GET":
        return render_template("accounts/sign_in.html")
    person = accounts.find_by_email(db_session, request.form["email"])
    try:
        PasswordHasher().verify((person and person.password_hash) or "", request.form["password"])
    except (VerificationError, InvalidHashError):
        person = None
    if person is None:
        return render_template("accounts/sign_in.html"), 422
    answer = signing_in.after_password(person)
    db_session.commit()
    return answer
