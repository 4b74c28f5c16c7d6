"""How an organiser signs in: their passkeys, the codes of an app, and recovery codes."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session as db_session
from petition.domain import factors
from petition.domain.access import Action
from petition.errors import PetitionError
from petition.forms.factors import CodeForm, PasskeyForm
from petition.http import urls
from petition.lib import encryption, totp
from petition.web import factors as pages
from petition.web.dashboard import access

bp = Blueprint("dashboard_security", __name__, url_prefix="/organise/security")
bp.before_request(access.signed_in_only)

# In the session, the encrypted secret of an app that is being set up.
_SETUP = "totp_setup"


@bp.get("")
@access.needs(Action.OWN_ACCOUNT)
def security() -> ResponseReturnValue:
    """Show what there is."""
    return _page()


@bp.route("/passkeys/new", methods=["GET", "POST"])
@access.needs(Action.OWN_ACCOUNT)
def add_passkey() -> ResponseReturnValue:
    """Ask for a name, let the browser make a passkey, and keep its public key."""
    access.require_fresh()
    form = PasskeyForm()
    if request.method == "POST" and form.validate() and _is_added(form):
        flash(_("The passkey was added. From now on you can sign in with it."), "success")
        return redirect(url_for(".security"), 303)
    return render_template("dashboard/security/add_passkey.html", form=form), 422 if form.errors else 200


@bp.post("/passkeys/options")
@access.needs(Action.OWN_ACCOUNT)
def passkey_options() -> ResponseReturnValue:
    """Return what the browser is to ask an authenticator to make, as JSON."""
    access.require_fresh()
    options = factors.ask_new_passkey(db_session, access.organiser(), pages.relying_party())
    db_session.commit()
    return jsonify(options)


@bp.post("/passkeys/<id:passkey_id>/rename")
@access.needs(Action.OWN_ACCOUNT)
@urls.shown_at("dashboard_security.security")
def rename_passkey(passkey_id: int) -> ResponseReturnValue:
    """Give a passkey another name."""
    passkey = factors.get_passkey(db_session, access.organiser(), passkey_id)
    form = _rename_form(passkey_id)
    if not form.validate():
        return _page({passkey_id: form}), 422
    factors.rename_passkey(db_session, access.organiser(), passkey, form.name.data or "")
    db_session.commit()
    flash(_("The passkey has its new name."), "success")
    return redirect(url_for(".security"), 303)


@bp.post("/passkeys/<id:passkey_id>/remove")
@access.needs(Action.OWN_ACCOUNT)
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Remove a passkey; nobody can sign in with it any more."""
    access.require_fresh()
    passkey = factors.get_passkey(db_session, access.organiser(), passkey_id)
    factors.remove_passkey(db_session, access.organiser(), passkey)
    db_session.commit()
    flash(_("The passkey was removed. You can delete it from your device, too."), "success")
    return redirect(url_for(".security"), 303)


@bp.post("/app/start")
@access.needs(Action.OWN_ACCOUNT)
def start_totp() -> ResponseReturnValue:
    """Make a secret, which counts once the app has shown that it knows it."""
    access.require_fresh()
    session[_SETUP] = encryption.encrypt(totp.new_secret()).decode()
    return redirect(url_for(".turn_totp_on"), 303)


@bp.route("/app", methods=["GET", "POST"])
@access.needs(Action.OWN_ACCOUNT)
def turn_totp_on() -> ResponseReturnValue:
    """Show the secret, take the first code of the app, and show the recovery codes.

    They stand in this answer and nowhere else, so there is no redirect.
    """
    access.require_fresh()
    secret = _setup()
    if secret is None:
        return redirect(url_for(".security"), 303)
    form, person = CodeForm(), access.organiser()
    if request.method == "POST" and form.validate():
        try:
            codes = factors.turn_totp_on(db_session, person, secret=secret, code=form.code.data or "")
        except factors.WrongCode:
            form.code.errors = [
                _(
                    "This code is not right. Type the one that your app shows now; the clock of your phone must be right, too."
                )
            ]
        else:
            db_session.commit()
            del session[_SETUP]
            return render_template("dashboard/security/recovery_codes.html", codes=codes, is_first=True)
    uri = totp.uri(secret, person.email, pages.relying_party().id)
    page = render_template("dashboard/security/app.html", form=form, secret=secret, uri=uri, qr=totp.qr(uri))
    return page, 422 if form.errors else 200


@bp.post("/app/off")
@access.needs(Action.OWN_ACCOUNT)
def turn_totp_off() -> ResponseReturnValue:
    """Ask for no codes any more."""
    access.require_fresh()
    factors.turn_totp_off(db_session, access.organiser())
    db_session.commit()
    flash(_("The app is off, and its recovery codes are deleted. Your password alone signs you in now."), "success")
    return redirect(url_for(".security"), 303)


@bp.post("/recovery-codes")
@access.needs(Action.OWN_ACCOUNT)
def renew_recovery_codes() -> ResponseReturnValue:
    """Make new codes in the place of the old ones, and show them: in this answer, and nowhere else."""
    access.require_fresh()
    codes = factors.renew_recovery_codes(db_session, access.organiser())
    db_session.commit()
    return render_template("dashboard/security/recovery_codes.html", codes=codes, is_first=False)


def _page(refused: dict[int, PasskeyForm] | None = None) -> str:
    """Return the page of what there is, with the forms that were refused as they were typed."""
    person = access.organiser()
    passkeys = factors.passkeys_of(db_session, person)
    forms = {passkey.id: _rename_form(passkey.id, name=passkey.name) for passkey in passkeys} | (refused or {})
    return render_template(
        "dashboard/security/security.html",
        organiser=person,
        passkeys=passkeys,
        forms=forms,
        refused=refused or {},
        codes_left=factors.count_recovery_codes(db_session, person),
    )


def _rename_form(passkey_id: int, **values: str) -> PasskeyForm:
    return PasskeyForm(prefix=f"passkey-{passkey_id}", **values)


def _is_added(form: PasskeyForm) -> bool:
    """Whether the passkey that the browser made is kept now; the form says when not."""
    try:
        factors.add_passkey(
            db_session,
            access.organiser(),
            pages.relying_party(),
            name=form.name.data or "",
            answer=form.answer.data or "",
        )
    except PetitionError as error:
        form.form_errors.append(pages.ERRORS[type(error)].sentence)
        form.answer.data = ""
    # Refused or not, the challenge is used up.
    db_session.commit()
    return not form.form_errors


def _setup() -> str | None:
    """Return the secret of the app that is being set up, or None."""
    try:
        return encryption.decrypt(session[_SETUP].encode())
    except (KeyError, encryption.Unreadable):
        return None
