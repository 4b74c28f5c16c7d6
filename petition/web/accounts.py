"""The pages on which organisers sign in and out, confirm who they are, and answer invitations."""

from typing import cast

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from petition.db import session as db_session
from petition.domain import accounts, invitations
from petition.forms.accounts import AcceptForm, IdentityForm, SignInForm
from petition.forms.token import PlainForm
from petition.http import access, carried_forms, rate_limits, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.http.rate_limits import TooManyRequests
from petition.http.sessions import RowSession
from petition.lib.passwords import PasswordsBusy
from petition.models import Invitation, Organiser
from petition.web import sign_in as signing_in
from petition.web.dashboard.access import IDENTITY_LIMIT, check_form, find_organiser, open_to_strangers

bp = Blueprint("accounts", __name__, url_prefix="/organise")
bp.before_request(access.same_origin_only)

_OVER = _("This invitation is not open any more")
ERRORS: ErrorPages = {
    invitations.InvitationUsed: ErrorPage(
        410,
        _OVER,
        _("It was accepted already. Sign in with the account that it was for."),
        onward=("accounts.sign_in", _("Sign in")),
    ),
    invitations.InvitationDeclined: ErrorPage(
        410, _OVER, _("It was declined. If that was a mistake, ask who invited you for a new one.")
    ),
    invitations.InvitationRevoked: ErrorPage(
        410, _OVER, _("The team took it back. Ask who invited you, if you do not know why.")
    ),
    invitations.InvitationReplaced: ErrorPage(
        410, _OVER, _("It was sent once more since, and only the newest e-mail counts. Please open that one.")
    ),
    invitations.InvitationExpired: ErrorPage(
        410, _OVER, _("Nobody answered it in time. Ask who invited you to send it again.")
    ),
    invitations.InvitationForAnother: ErrorPage(
        403,
        _("This invitation is for another address"),
        _("You are signed in with another account than the one that was invited. Sign out, and open the link again."),
    ),
    invitations.AccountExists: ErrorPage(
        409,
        _("There is an account with this address now"),
        _("Open the link in the e-mail once more, and sign in with that account."),
    ),
    PasswordsBusy: ErrorPage(
        503,
        _("Many people are signing in"),
        _("We could not check your password in time. Nothing is lost: please try again in a moment."),
    ),
}


@bp.route("/login", methods=["GET", "POST"])
@open_to_strangers
def sign_in() -> ResponseReturnValue:
    """Ask for address and password; the answer is the same, and as fast, whether or not there is an account."""
    if request.method == "GET" and find_organiser():
        return redirect(signing_in.next_path())
    form, status = SignInForm(), 422
    if form.validate_on_submit():
        try:
            if person := _authenticate(form):
                answer = signing_in.after_password(person)
                db_session.commit()
                return answer
            form.form_errors.append(gettext("The address or the password is not right."))
        except TooManyRequests as error:
            status = _too_many(form, error)
    page = render_template("accounts/sign_in.html", form=form, next=signing_in.next_path())
    return page, status if form.is_submitted() else 200


def _authenticate(form: SignInForm) -> Organiser | None:
    email, password = form.email.data or "", form.password.data or ""
    person = accounts.find_by_email(db_session, email)
    signing_in.check_limits(person, email)
    return person if accounts.is_right_password(person, password) else None


def _too_many(form: PlainForm, error: TooManyRequests) -> int:
    sentence = ngettext(
        "There were too many tries. Please wait %(num)s minute, or use a way in that you used before.",
        "There were too many tries. Please wait %(num)s minutes, or use a way in that you used before.",
        -(-error.retry_after // 60),
    )
    form.form_errors.append(sentence)
    return 429


@bp.post("/logout")
@open_to_strangers
def sign_out() -> ResponseReturnValue:
    """End the session; signed out already, it changes nothing."""
    if find_organiser():
        check_form()
        cast("RowSession", session).sign_out()
    return redirect(url_for(".sign_in", left=1), 303)


@bp.route("/confirm-identity", methods=["GET", "POST"])
@open_to_strangers
def confirm_identity() -> ResponseReturnValue:
    """Ask a signed-in person again who they are, before a sensitive act, and lead back to it."""
    person = find_organiser()
    if person is None:
        return redirect(url_for(".sign_in", next=signing_in.next_path()), 303)
    form, status = IdentityForm(), 422
    if request.method == "POST":
        check_form()
        try:
            if form.validate() and _is_right(person, form):
                return signing_in.finish_sign_in(person)
        except TooManyRequests as error:
            status = _too_many(form, error)
    page = render_template("accounts/confirm_identity.html", form=form, person=person, next=signing_in.next_path())
    return page, status if form.is_submitted() else 200


def _is_right(person: Organiser, form: IdentityForm) -> bool:
    rate_limits.check_thing(f"identity {person.id}", IDENTITY_LIMIT)
    if accounts.is_right_password(person, form.password.data or ""):
        db_session.commit()
        return True
    form.password.errors = [gettext("This is not your password.")]
    return False


@bp.get("/continue/<key>")
@open_to_strangers
def resume(key: str) -> ResponseReturnValue:
    """Give back what somebody typed before they had to sign in, to be sent with one press."""
    person = find_organiser()
    if person is None:
        return redirect(url_for(".sign_in", next=request.path))
    form = carried_forms.find(key, person.id)
    if form is None:
        return redirect(signing_in.HOME)
    return render_template("accounts/resume.html", form=form, key=key, field=carried_forms.FIELD)


@bp.get("/invitation/<token>")
@open_to_strangers
def accept(token: str) -> ResponseReturnValue:
    """Show who invites whom to what, with a button to accept and one to decline."""
    return _invitation_page(invitations.get_open(db_session, token), token)


@bp.post("/invitation/<token>")
@open_to_strangers
@urls.shown_at("accounts.accept")
def answer(token: str) -> ResponseReturnValue:
    """Accept or decline; a new person gives a name and a password."""
    invitation = invitations.get_open(db_session, token)
    if request.form.get("answer") == "decline":
        invitations.decline(db_session, invitation)
        db_session.commit()
        return redirect(url_for(".declined"), 303)
    if accounts.find_by_email(db_session, invitation.email):
        return _accept_as_known(invitation, token)
    form = AcceptForm([invitation.email])
    form.known_words.append(form.name.data or "")
    if not form.validate():
        return _invitation_page(invitation, token, form), 422
    person = invitations.accept_with_new_account(
        db_session, invitation, name=form.name.data or "", password=form.password.data or "", language=urls.language()
    )
    response = signing_in.finish_sign_in(person, is_first=True)
    db_session.commit()
    return response


def _accept_as_known(invitation: Invitation, token: str) -> ResponseReturnValue:
    person = find_organiser()
    if person is None:
        return redirect(url_for(".sign_in", next=url_for(".accept", token=token)), 303)
    check_form()
    invitations.accept(db_session, invitation, person)
    db_session.commit()
    return redirect(signing_in.HOME, 303)


def _invitation_page(invitation: Invitation, token: str, form: AcceptForm | None = None) -> str:
    person = find_organiser()
    return render_template(
        "accounts/accept.html",
        invitation=invitation,
        token=token,
        form=form or AcceptForm(),
        has_account=accounts.find_by_email(db_session, invitation.email) is not None,
        person=person,
        is_theirs=person is not None and invitations.is_for(invitation, person),
    )


@bp.get("/invitation-declined")
@open_to_strangers
def declined() -> ResponseReturnValue:
    """Say that nothing more will come."""
    return render_template("accounts/declined.html")
