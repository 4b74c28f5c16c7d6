"""The frame of organisers' pages: where one can go, who is signed in, and in which language they read."""

import re
from typing import NamedTuple

from flask import Blueprint, current_app, redirect, request, url_for
from flask import session as own_session
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
from petition.http import access, urls
from petition.lib.languages import INTERFACE
from petition.models import Organiser, Role
from petition.web.dashboard.access import check_form, find_organiser, open_to_strangers

bp = Blueprint("dashboard_frame", __name__, url_prefix="/organise")
bp.before_request(access.same_origin_only)

_ROOT = "/organise/"


class Entry(NamedTuple):
    """A place to go: who may do ``action``, or else what its view declares, sees it; ``key`` leads there after "g"."""

    endpoint: str
    words: LazyString
    key: str = ""
    action: Action | None = None


ENTRIES = (
    Entry("dashboard_home.home", _("Home"), "h"),
    Entry("dashboard_campaigns.campaigns", _("Campaigns"), "c"),
    Entry("dashboard_stories.teams", _("Stories"), "m", Action.MODERATE_STORIES),
    Entry("dashboard_teams.teams", _("Teams"), "t"),
    Entry("dashboard_audit.audit", _("Audit log"), "l"),
    Entry("dashboard_reports.site", _("Reports"), "r"),
    Entry("dashboard_settings.switches", _("Site"), "s"),
    Entry("dashboard_account.account", _("Account"), "a"),
    Entry("dashboard_security.security", _("Security")),
)
# The last of these words in a path says to which place the page belongs, whichever module shows it.
_PLACES = {
    "stories": "dashboard_stories",
    "calls": "dashboard_campaigns",
    "campaigns": "dashboard_campaigns",
    "teams": "dashboard_teams",
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


@bp.record_once
def _register(state: BlueprintSetupState) -> None:
    state.app.extensions["chosen_language"] = chosen_language
    state.app.jinja_env.globals |= {
        "organiser_frame": organiser_frame,
        "find_url": find_url,
        "organiser_page": _here,
        "csrf_token": generate_csrf,
    }


@bp.post("/language")
@open_to_strangers
def change_language() -> ResponseReturnValue:
    """Change the language in which somebody reads, and lead back to the page at hand.

    Who is not signed in reads in it until they are.
    """
    language, person = request.form.get("language", ""), find_organiser()
    if person:
        check_form()
    if person and language in INTERFACE:
        accounts.change_profile(db_session, person, name=person.name, language=language)
        db_session.commit()
    elif language in INTERFACE:
        own_session["language"] = language
    return redirect(_way_back(request.form.get("page", "")))


def chosen_language() -> str | None:
    """Return the language of who reads an organisers' page, as far as it is known there; None elsewhere."""
    if not request.path.startswith(_ROOT):
        return None
    person = _find_person()
    return person.language if person and person.language in INTERFACE else own_session.get("language")


def organiser_frame() -> Frame | None:
    """Return the frame around a page, or None where nobody is signed in."""
    person = _find_person() if request.path.startswith(_ROOT) else None
    if person is None:
        return None
    roles = rules.roles(db_session, person)
    return Frame(
        person,
        [_link(entry) for entry in ENTRIES if _is_for(roles, entry)],
        home=url_for("dashboard_home.home"),
        public_url=url_for("campaigns.index", lang=urls.language()),
        sign_out_url=find_url("accounts.sign_out"),
    )


def find_url(endpoint: str, **values: object) -> str:
    """Return the path of a page, or nothing where the app has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]


def _find_person() -> Organiser | None:
    """Return who is signed in; None while the database is away, so that there can be a page that says so."""
    try:
        return find_organiser()
    except SQLAlchemyError:
        return None


def _is_for(roles: set[Role | rules.Anyone], entry: Entry) -> bool:
    """Whether the app has the page, and people with one of these roles may do what it does."""
    action: Action | None = getattr(current_app.view_functions.get(entry.endpoint), "action", None)
    return action is not None and bool(rules.MATRIX[entry.action or action] & roles)


def _link(entry: Entry) -> Link:
    blueprint = entry.endpoint.partition(".")[0]
    place = next((_PLACES[word] for word in reversed(request.path.split("/")) if word in _PLACES), request.blueprint)
    current = "page" if request.endpoint == entry.endpoint else "true" if place == blueprint else ""
    return Link(url_for(entry.endpoint), entry.words, entry.key, current)


def _here() -> str:
    """Return the address at hand where it can be asked for again, or nothing."""
    rule = request.url_rule
    return request.full_path.rstrip("?") if rule and "GET" in (rule.methods or ()) else ""


def _way_back(path: str) -> str:
    """Return a path of an organiser's page, or the first page for any other text."""
    return path if re.fullmatch(r"/organise/[!-\[\]-~]*", path) else _ROOT
