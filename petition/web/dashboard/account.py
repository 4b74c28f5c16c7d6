"""My account: who I am, my password, where I am signed in."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from limits import parse_many

from petition.db import session as db_session
from petition.domain import accounts, email_changes
from petition.domain.access import Action
from petition.forms.accounts import AddressForm, ChangePasswordForm, ProfileForm
from petition.forms.token import PlainForm
from petition.http import rate_limits, urls
from petition.http.sessions import RowSession
from petition.lib import session_rows
from petition.web.dashboard import access

bp = Blueprint("dashboard_account", __name__, url_prefix="/organise/account")
bp.before_request(access.signed_in_only)

# So often one account may name new addresses, to each of which a letter goes.
ADDRESS_LIMIT = parse_many("5/day")


@bp.get("")
@access.needs(Action.OWN_ACCOUNT)
def account() -> ResponseReturnValue:
    """Show what there is."""
    return _page()


@bp.post("/profile")
@access.needs(Action.OWN_ACCOUNT)
@urls.shown_at("dashboard_account.account")
def profile() -> ResponseReturnValue:
    """Change name and language."""
    form = ProfileForm()
    if not form.validate():
        return _page(profile=form), 422
    accounts.change_profile(
        db_session, access.organiser(), name=form.name.data or "", language=form.language.data or ""
    )
    db_session.commit()
    return _back(gettext("Saved."))


@bp.post("/password")
@access.needs(Action.OWN_ACCOUNT)
@urls.shown_at("dashboard_account.account")
def password() -> ResponseReturnValue:
    """Choose another password; all other browsers are signed out."""
    form = _password_form()
    if not form.validate() or not _is_right(form):
        return _page(password=form), 422
    ours = cast("RowSession", session)
    accounts.change_password(
        db_session, access.organiser(), form.password.data or "", except_digest=session_rows.digest(ours.secret)
    )
    db_session.commit()
    ours.refresh()
    return _back(gettext("Your password is changed, and all other browsers are signed out."))


@bp.post("/address")
@access.needs(Action.OWN_ACCOUNT)
@urls.shown_at("dashboard_account.account")
def address() -> ResponseReturnValue:
    """Ask both mailboxes whether the account may have another address."""
    form = AddressForm()
    if not form.validate():
        return _page(address=form), 422
    access.require_fresh()
    rate_limits.check_thing(f"new address {access.organiser().id}", ADDRESS_LIMIT)
    email_changes.ask(db_session, access.organiser(), form.email.data or "")
    db_session.commit()
    return _back(gettext("We have written to both addresses. Press the button in each of the two e-mails."))


@bp.post("/address/cancel")
@access.needs(Action.OWN_ACCOUNT)
def cancel_address() -> ResponseReturnValue:
    """Keep the address."""
    email_changes.cancel(db_session, access.organiser())
    db_session.commit()
    return _back(gettext("Your address stays as it is."))


@bp.post("/devices/<id:session_id>/sign-out")
@access.needs(Action.OWN_ACCOUNT)
def sign_out_device(session_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    accounts.end_session(db_session, access.organiser(), session_id)
    db_session.commit()
    return _back(gettext("Signed out there."))


@bp.post("/devices/sign-out")
@access.needs(Action.OWN_ACCOUNT)
def sign_out_others() -> ResponseReturnValue:
    """Sign all other browsers out."""
    digest = session_rows.digest(cast("RowSession", session).secret)
    accounts.end_sessions(db_session, access.organiser(), except_digest=digest)
    db_session.commit()
    return _back(gettext("All other browsers are signed out."))


@bp.route("/delete", methods=["GET", "POST"])
@access.needs(Action.OWN_ACCOUNT)
def delete() -> ResponseReturnValue:
    """Say what is deleted, and delete it."""
    access.require_fresh()
    form = PlainForm()
    if not form.is_submitted():
        return render_template("dashboard/account/delete.html", person=access.organiser())
    accounts.delete_account(db_session, access.organiser())
    db_session.commit()
    cast("RowSession", session).sign_out()
    return redirect(url_for("accounts.sign_in", deleted=1), 303)


def _password_form() -> ChangePasswordForm:
    person = access.organiser()
    form = ChangePasswordForm([person.email, person.name])
    if person.password_hash is None:
        del form.old_password
    return form


def _is_right(form: ChangePasswordForm) -> bool:
    """Whether the password up to now was right; who has none has proved within minutes who they are in another way."""
    if "old_password" not in form:
        access.require_fresh()
        return True
    person = access.organiser()
    rate_limits.check_thing(f"identity {person.id}", access.IDENTITY_LIMIT)
    if accounts.is_right_password(person, form.old_password.data or ""):
        return True
    form.old_password.errors = [gettext("This is not your password.")]
    return False


def _back(sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(url_for(".account"), 303)


def _page(
    *,
    profile: ProfileForm | None = None,
    password: ChangePasswordForm | None = None,
    address: AddressForm | None = None,
) -> str:
    person = access.organiser()
    return render_template(
        "dashboard/account/account.html",
        person=person,
        profile=profile or ProfileForm(name=person.name, language=person.language),
        password=password or _password_form(),
        address=address or AddressForm(),
        change=email_changes.find(db_session, person),
        devices=accounts.live_sessions(db_session, person),
        here=session_rows.digest(cast("RowSession", session).secret),
    )
