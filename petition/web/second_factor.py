"""How somebody who is signing in proves who they are: a code after the password, or a passkey in place of it."""

from typing import Any, cast

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from petition.db import session as db_session
from petition.domain import factors
from petition.errors import NotAllowed, PetitionError
from petition.forms.factors import CodeForm, RecoveryCodeForm
from petition.http import access, rate_limits
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.http.rate_limits import TooManyRequests, rate_limit
from petition.http.sessions import RowSession
from petition.models import Organiser
from petition.web import sign_in
from petition.web.dashboard.access import check_form, find_organiser, open_to_strangers
from petition.web.factors import relying_party

bp = Blueprint("second_factor", __name__, url_prefix="/organise")
bp.before_request(access.same_origin_only)

# Wide, and apart from the limits of passwords and codes: whoever guesses those keeps nobody from using a passkey.
PASSKEY_LIMIT = rate_limit("passkey", household="60/10minutes;600/day", network="1200/10minutes;12000/day")


class AnothersPasskey(NotAllowed):
    """Raised when somebody confirms who they are with the passkey of another account."""


ERRORS: ErrorPages = {
    AnothersPasskey: ErrorPage(
        403,
        _("This passkey was not accepted"),
        _("It belongs to another account than the one that is signed in here. Sign out first to use it."),
    ),
}


@bp.route("/second-step", methods=["GET", "POST"])
@open_to_strangers
def verify() -> ResponseReturnValue:
    """After the password, ask for a code of the app; at ``?with=recovery-code``, for one of those."""
    person = sign_in.find_pending()
    if person is None:
        return redirect(sign_in.HOME if find_organiser() else url_for("accounts.sign_in", late=1), 303)
    with_recovery_code = request.args.get("with") == "recovery-code"
    form, status = RecoveryCodeForm() if with_recovery_code else CodeForm(), 200
    if request.method == "POST":
        check_form()
        status = _check(person, form)
        if status == 200:
            answer = sign_in.finish_sign_in(person)
            db_session.commit()
            if with_recovery_code:
                _say_what_is_left(person)
            return answer
    page = render_template("accounts/second_step.html", form=form, with_recovery_code=with_recovery_code)
    return page, status


@bp.post("/passkey/options")
@open_to_strangers
def passkey_options() -> ResponseReturnValue:
    """Return what the browser is to ask its authenticators, as JSON."""
    _json()
    options = factors.ask_passkey(db_session, relying_party())
    db_session.commit()
    return jsonify(options)


@bp.post("/passkey/verify")
@open_to_strangers
def passkey_verify() -> ResponseReturnValue:
    """Sign in whose passkey answered, or note that they are still there; returns where to go next, as JSON."""
    answer = _json()
    try:
        person = factors.prove_by_passkey(db_session, relying_party(), answer)
    except PetitionError:
        # The challenge is used up all the same.
        db_session.commit()
        raise
    if cast("RowSession", session).user_id not in {None, person.id}:
        db_session.commit()
        raise AnothersPasskey
    response = sign_in.finish_sign_in(person)
    db_session.commit()
    return jsonify(next=response.location)


def _check(person: Organiser, form: CodeForm | RecoveryCodeForm) -> int:
    """Return 200 when the code was right, and is used up now; the form says when not."""
    if not form.validate():
        return 422
    try:
        sign_in.check_limits(person, person.email)
        factors.use_code(db_session, person, form.code.data or "")
    except TooManyRequests as error:
        minutes = -(-error.retry_after // 60)
        form.code.errors = [
            gettext("There were too many tries. Please wait %(minutes)s minutes, or use a passkey.", minutes=minutes)
        ]
        return 429
    except factors.WrongCode:
        form.code.errors = [
            gettext("This recovery code is not right, or it was used before.")
            if isinstance(form, RecoveryCodeForm)
            else gettext("This code is not right, or it was used before. Wait for the next one in your app.")
        ]
        return 422
    return 200


def _say_what_is_left(person: Organiser) -> None:
    left = factors.count_recovery_codes(db_session, person)
    flash(
        ngettext(
            "Your recovery code is used up. You have %(num)s more.",
            "Your recovery code is used up. You have %(num)s more.",
            left,
        ),
        "success",
    )


def _json() -> Any:
    """Return what our script sent; raises TooManyRequests.

    Only JSON is read: a page of another site cannot send any, and what it cannot read is the challenge that an answer
    must carry. So there is no other token, and strangers need no session.
    """
    rate_limits.check(PASSKEY_LIMIT)
    try:
        return request.get_json()
    except RecursionError:
        # Thousands of brackets.
        abort(400)
