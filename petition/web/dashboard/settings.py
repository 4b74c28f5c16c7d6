"""The switches of the whole site, for its own owners."""

from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from petition.db import session
from petition.domain import settings
from petition.domain.access import Action
from petition.domain.settings import Change, SwitchChanged, Switches
from petition.errors import NotFound
from petition.forms.settings import BannerForm, SwitchForm
from petition.http import current
from petition.models import BANNERS
from petition.web.dashboard import access

bp = Blueprint("dashboard_settings", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


class Position(NamedTuple):
    """A value of a switch: the mark and the word for it, and the button that sets it."""

    mark: str
    state: LazyString
    button: LazyString


_USUAL, _CHANGED = "closed", "paused"
_SIGNING = {
    "": Position("open", lazy_gettext("Everybody can sign"), lazy_gettext("Let people sign again")),
    "on": Position(_CHANGED, lazy_gettext("Signing is paused"), lazy_gettext("Pause all signing")),
}
_LETTERS = {
    "": Position("open", lazy_gettext("E-mails leave"), lazy_gettext("Send e-mails again")),
    "on": Position(_CHANGED, lazy_gettext("E-mails wait"), lazy_gettext("Pause all e-mails")),
}
_PROOF = {
    "": Position(_USUAL, lazy_gettext("As the installation is set"), lazy_gettext("Leave it to the installation")),
    "on": Position(_CHANGED, lazy_gettext("Always asked for"), lazy_gettext("Always ask for it")),
    "off": Position(_CHANGED, lazy_gettext("Never asked for"), lazy_gettext("Never ask for it")),
}
_SLOW = {
    "": Position("open", lazy_gettext("Renewed every second"), lazy_gettext("Renew pages every second")),
    "on": Position(_CHANGED, lazy_gettext("Renewed every 10 seconds"), lazy_gettext("Renew pages every 10 seconds")),
}
_POSITIONS = {"pause_signing": _SIGNING, "pause_letters": _LETTERS, "proof_of_work": _PROOF, "slow_counters": _SLOW}


@bp.get("/site")
@access.needs(Action.SET_SWITCHES)
def switches() -> ResponseReturnValue:
    """Show how the switches stand."""
    return _page()


@bp.post("/site")
@access.needs(Action.SET_SWITCHES)
def switch() -> ResponseReturnValue:
    """Set one switch."""
    access.require_fresh()
    form = SwitchForm()
    change = Change(form.name.data or "", form.shown.data or "", form.value.data or "")
    try:
        settings.change(session, access.organiser(), [change])
    except SwitchChanged:
        return _page(is_stale=True), 409
    except NotFound:
        flash(_("There is no such switch, or it has no such position. Nothing was changed."), "error")
        return _page(), 422
    return _done(_("Done. Within five seconds it is so everywhere."))


@bp.post("/site/banner")
@access.needs(Action.SET_SWITCHES)
def banner() -> ResponseReturnValue:
    """Set the banner, in all languages at once."""
    access.require_fresh()
    form = BannerForm()
    if not form.validate_on_submit():
        return _page(form), 422
    typed = {language: Change(name, form[f"shown_{language}"].data, form[name].data) for language, name in _FIELDS}
    try:
        settings.change(session, access.organiser(), list(typed.values()))
    except SwitchChanged:
        return _page(form, is_stale=True), 409
    return _done(_("The banner is saved. Within five seconds everybody sees it."))


_FIELDS = tuple(BANNERS.items())


def _done(words: str) -> ResponseReturnValue:
    session.commit()
    current.cached(Switches).expire()
    flash(words, "success")
    return redirect(url_for(".switches"), 303)


def _page(form: BannerForm | None = None, *, is_stale: bool = False) -> str:
    """Return the page; with a form that was refused, beside what it holds stands what is there now."""
    session.rollback()
    rows, typed = settings.rows(session), form or BannerForm(formdata=None)
    for language, name in _FIELDS:
        if form is None:
            typed[name].data = rows[name].value
        if form is None or is_stale:
            typed[f"shown_{language}"].data = rows[name].value
    return render_template(
        "dashboard/settings/switches.html",
        rows=rows,
        positions=_POSITIONS,
        form=typed,
        banners=_FIELDS,
        is_stale=is_stale,
        is_banner_stale=is_stale and form is not None,
        setting=current.settings().proof_of_work,
    )
