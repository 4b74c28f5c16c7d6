"""The audit log as its readers see it: a team's for its owners, the site's for those who own the site."""

import hmac
from hashlib import sha256

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from petition.db import session
from petition.domain import audit
from petition.domain.access import Action
from petition.domain.audit import Filter
from petition.forms.audit import AuditFilterForm
from petition.http import current
from petition.lib import ip_networks
from petition.models import Organiser, Team
from petition.web.dashboard import access, audit_words

bp = Blueprint("dashboard_audit", __name__, url_prefix="/organise")
bp.before_request(access.signed_in_only)


@bp.before_app_request
def note_network() -> None:
    """Let entries of this request know from which network it came, by a digest keyed for this installation."""
    if request.path.startswith("/organise/"):
        key = sha256(b"petition.audit\0" + current.settings().secret_keys[-1].encode()).digest()
        _household, network = ip_networks.client_networks(request.remote_addr or "")
        audit.network_digest.set(hmac.digest(key, network.encode(), sha256))


@bp.teardown_app_request
def forget_network(_error: BaseException | None) -> None:
    """Let nothing that this thread does next seem to come from there."""
    audit.network_digest.set(b"")


@bp.get("/teams/<int:team_id>/audit", endpoint="team")
@access.needs(Action.READ_AUDIT)
def of_team(team: Team) -> ResponseReturnValue:
    """Show who did what in a team."""
    return _page(team)


@bp.get("/audit", endpoint="audit")
@access.needs(Action.READ_SITE_AUDIT)
def of_site() -> ResponseReturnValue:
    """Show who did what that belongs to no team."""
    return _page(None)


def _page(team: Team | None) -> ResponseReturnValue:
    team_id = team.id if team else None
    form = _form(team_id)
    is_read = form.validate()
    wanted = Filter(form.person.data, form.action.data or "", form.thing.data or "", form.day.data)
    page = audit.read(session, team_id, wanted if is_read else Filter(), before=form.before.data if is_read else None)
    html = render_template(
        "dashboard/audit/entries.html",
        team=team,
        form=form,
        page=page,
        older=request.args.to_dict() | {"before": page.older},
        is_filtered=any(wanted),
        name_of=_person,
        actor_of=_actor,
        words=audit_words,
    )
    return html, 200 if is_read else 422


def _form(team_id: int | None) -> AuditFilterForm:
    """Return the form with what was asked for, and what there is to choose from."""
    form, found = AuditFilterForm(request.args), audit.choices(session, team_id)
    people = {str(number): _person(number, who) for number, who in found.people.items()}
    form.person.choices = {"": _("Everybody")} | people
    form.action.choices = {"": _("All acts")} | {name: audit_words.action(name) for name in found.actions}
    form.thing.choices = {"": _("All things")} | {name: audit_words.thing(name) for name in found.things}
    return form


def _actor(entry: audit.Entry) -> str:
    """Return who acted; nobody who has an account where a rule did, or a visitor."""
    if entry.actor_id is None and entry.action in audit_words.AUTOMATIC:
        return str(_("By itself"))
    if entry.actor_id is None and entry.action in audit_words.BY_ANYBODY:
        return str(_("A visitor"))
    return _person(entry.actor_id, entry.actor)


def _person(number: int | None, person: Organiser | None) -> str:
    """Return who acted: a name, somebody whose account is gone, or an operator."""
    if person:
        return person.name
    return str(_("A former member (no. %(number)s)", number=number) if number else _("An operator"))
