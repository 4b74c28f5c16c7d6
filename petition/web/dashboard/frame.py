"""The frame of organisers' pages: where one can go, who is signed in, and in which language they read."""

import re
from typing import NamedTuple

from flask import Blueprint, current_app, g, redirect, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import SQLAlchemyError

from petition.db import session as db_session
from petition.domain import access as rules
from petition.domain import accounts
from petition.domain.access import Action
from petition.http import urls
from petition.lib.languages import INTERFACE
from petition.models import Organiser
from petition.web.dashboard import access

bp = Blueprint("dashboard_frame", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)

_ROOT = "/organise/"


class Entry(NamedTuple):
    """A place to go: whoever may do its action somewhere sees it; ``key`` leads there after "g"."""

    endpoint: str
    words: LazyString
    action: Action
    key: str = ""


_ENTRIES = (
    Entry("dashboard_home.home", _("Home"), Action.OWN_ACCOUNT, "h"),
    Entry("dashboard_campaigns.campaigns", _("Campaigns"), Action.VIEW_CAMPAIGN, "c"),
    Entry("dashboard_teams.teams", _("Teams"), Action.OWN_ACCOUNT, "t"),
    Entry("dashboard_audit.audit", _("Audit log"), Action.READ_SITE_AUDIT, "l"),
    Entry("dashboard_settings.switches", _("Site"), Action.SET_SWITCHES, "s"),
    Entry("dashboard_account.account", _("Account"), Action.OWN_ACCOUNT, "a"),
    Entry("dashboard_security.security", _("Security"), Action.OWN_ACCOUNT),
)
# A page below one of these things belongs to that place, whichever module shows it.
_PLACES = {
    "call_id": "dashboard_campaigns",
    "campaign_id": "dashboard_campaigns",
    "team_id": "dashboard_teams",
}


class Link(NamedTuple):
    """An entry as one person sees it on one page; ``current`` is a value of aria-current, or empty."""

    url: str
    words: LazyString
    key: str
    current: str


class Frame(NamedTuple):
    """What the frame shows; an empty address is one that this site does not have."""

    person: Organiser
    links: list[Link]
    home: str
    public_url: str
    sign_out_url: str
    language_url: str
    here: str


@bp.record_once
def _register(state: BlueprintSetupState) -> None:
    state.app.extensions["chosen_language"] = chosen_language
    state.app.jinja_env.globals |= {"organiser_frame": organiser_frame, "csrf_token": generate_csrf}


@bp.post("/language")
@access.needs(Action.OWN_ACCOUNT)
def change_language() -> ResponseReturnValue:
    """Change the language in which somebody reads, and lead back to the page at hand."""
    language = request.form.get("language", "")
    if language in INTERFACE:
        accounts.change_language(db_session, access.organiser(), language)
        db_session.commit()
    return redirect(_way_back(request.form.get("next", "")))


def chosen_language() -> str | None:
    """Return the language of who is signed in, on organisers' pages; None elsewhere, and while the database is away."""
    if not request.path.startswith(_ROOT):
        return None
    if "chosen_language" not in g:
        person = _find_person()
        if person is None:
            return None
        g.chosen_language = person.language if person.language in INTERFACE else None
    return g.chosen_language  # type: ignore[no-any-return]


def organiser_frame() -> Frame | None:
    """Return the frame around a page, or None where nobody is signed in."""
    person = _find_person() if request.path.startswith(_ROOT) else None
    if person is None:
        return None
    roles = rules.roles(db_session, person)
    return Frame(
        person,
        [
            _link(entry, url)
            for entry in _ENTRIES
            if rules.MATRIX[entry.action] & roles and (url := _url(entry.endpoint))
        ],
        home=_url("dashboard_home.home"),
        public_url=url_for("campaigns.index", lang=urls.language()),
        sign_out_url=_url("accounts.sign_out"),
        language_url=url_for("dashboard_frame.change_language"),
        here=request.full_path.rstrip("?") if _is_readable() else "",
    )


def _find_person() -> Organiser | None:
    try:
        return access.find_organiser() if session else None
    except SQLAlchemyError:
        return None


def _link(entry: Entry, url: str) -> Link:
    blueprint = entry.endpoint.partition(".")[0]
    place = next((_PLACES[name] for name in request.view_args or {} if name in _PLACES), request.blueprint)
    current = "page" if request.endpoint == entry.endpoint else "true" if place == blueprint else ""
    return Link(url, entry.words, entry.key, current)


def _url(endpoint: str) -> str:
    """Return the path of a page without parameters, or nothing where the app has no such page."""
    rule = next(current_app.url_map.iter_rules(endpoint), None) if endpoint in current_app.view_functions else None
    return url_for(endpoint) if rule and not rule.arguments else ""


def _is_readable() -> bool:
    """Whether the address at hand can be asked for again."""
    rule = request.url_rule
    return rule is not None and "GET" in (rule.methods or ())


def _way_back(path: str) -> str:
    """Return a path of an organiser's page, or the first page for any other text."""
    return path if re.fullmatch(r"/organise/[!-\[\]-~]*", path) else _ROOT
