"""The pages behind the letters about an account: a new password, a way around lost factors, a new address."""

from typing import cast

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session as db_session
from petition.domain import accounts, email_changes, links, resets
from petition.forms.accounts import ForgottenForm, NewPasswordForm
from petition.http import access, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.http.rate_limits import rate_limit
from petition.http.sessions import RowSession
from petition.models import Organiser
from petition.web import sign_in
from petition.web.abuse import check_abuse
from petition.web.dashboard.access import open_to_strangers

bp = Blueprint("resets", __name__, url_prefix="/organise")
bp.before_request(access.same_origin_only)

ERRORS: ErrorPages = {
    links.StaleLink: ErrorPage(
        404,
        _("This link does not work any more"),
        _(
            "It was used, a newer one took its place, it is too old, or an e-mail program cut it. For a new password you can ask again."
        ),
        onward=("resets.forgotten", _("Ask for a new password")),
    ),
    resets.NotDueYet: ErrorPage(
        409,
        _("Not yet"),
        _("The owner of the account can still object. The e-mail with this link says from when on it works."),
    ),
    email_changes.AddressTaken: ErrorPage(
        409,
        _("This address belongs to another account"),
        _("Your account keeps the address that it has. Sign in and choose another one, if you like."),
        onward=("accounts.sign_in", _("Sign in")),
    ),
}

FORGOTTEN_LIMIT = rate_limit("forgotten", household="10/10minutes;50/day", network="100/10minutes;500/day")


@bp.route("/forgotten", methods=["GET", "POST"])
@open_to_strangers
def forgotten() -> ResponseReturnValue:
    """Ask for an address and send it the way to a new password; the answer is the same for every address."""
    form = ForgottenForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        resets.ask_for_password(db_session, email, urls.language(), check_abuse(FORGOTTEN_LIMIT, form))
        db_session.commit()
        return redirect(url_for(".forgotten_sent"), 303)
    return render_template("resets/forgotten.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/forgotten/sent")
@open_to_strangers
def forgotten_sent() -> ResponseReturnValue:
    """Ask to look into the mailbox."""
    return render_template("resets/forgotten_sent.html")


@bp.route("/new-password/<token>", methods=["GET", "POST"])
@open_to_strangers
def new_password(token: str) -> ResponseReturnValue:
    """Behind a mailed link, choose a new password; the second step, if there is one, stays."""
    person = resets.get_for_password(db_session, token)
    form = _form(person)
    if not form.validate_on_submit():
        page = render_template("resets/new_password.html", form=form, person=person)
        return page, 422 if form.is_submitted() else 200
    return _sign_in_with(person, form)


@bp.route("/account-reset/<token>", methods=["GET", "POST"])
@open_to_strangers
def account_reset(token: str) -> ResponseReturnValue:
    """After the notice, take all factors away and choose a new password."""
    reset = resets.get_reset(db_session, "account-reset", token)
    form = _form(accounts.find_organiser(db_session, reset.organiser_id))
    if not form.validate_on_submit():
        page = render_template("resets/account_reset.html", form=form, reset=reset, is_due=resets.is_due(reset))
        return page, 422 if form.is_submitted() else 200
    return _sign_in_with(resets.use(db_session, reset), form)


def _form(person: Organiser | None) -> NewPasswordForm:
    return NewPasswordForm([person.email, person.name] if person else [])


def _sign_in_with(person: Organiser, form: NewPasswordForm) -> ResponseReturnValue:
    if cast("RowSession", session).user_id is not None:
        cast("RowSession", session).sign_out()
    accounts.change_password(db_session, person, form.password.data or "")
    response = sign_in.after_password(person)
    db_session.commit()
    return response


@bp.get("/objection/<token>")
@open_to_strangers
def objection(token: str) -> ResponseReturnValue:
    """Offer to stop a reset that the owner of the account did not want."""
    resets.get_reset(db_session, "objection", token)
    return render_template("resets/objection.html", token=token)


@bp.post("/objection/<token>")
@open_to_strangers
@urls.shown_at("resets.objection")
def stop(token: str) -> ResponseReturnValue:
    """Stop it."""
    resets.stop(db_session, resets.get_reset(db_session, "objection", token))
    db_session.commit()
    return redirect(url_for(".stopped"), 303)


@bp.get("/objection-noted")
@open_to_strangers
def stopped() -> ResponseReturnValue:
    """Say that the account stays as it is."""
    return render_template("resets/stopped.html")


@bp.get("/<any('old-address','new-address'):purpose>/<token>")
@open_to_strangers
def address(purpose: str, token: str) -> ResponseReturnValue:
    """Show what one of the two mailboxes agrees to, and a button."""
    change = email_changes.get(db_session, purpose, token)
    return render_template("resets/address.html", change=change, purpose=purpose, token=token)


@bp.post("/<any('old-address','new-address'):purpose>/<token>")
@open_to_strangers
@urls.shown_at("resets.address")
def agree(purpose: str, token: str) -> ResponseReturnValue:
    """Note that one mailbox agrees."""
    is_changed = email_changes.agree(db_session, email_changes.get(db_session, purpose, token), purpose)
    db_session.commit()
    return redirect(url_for(".agreed", changed=1 if is_changed else None), 303)


@bp.get("/address-agreed")
@open_to_strangers
def agreed() -> ResponseReturnValue:
    """Say whether the other mailbox is still to agree."""
    return render_template("resets/agreed.html")
