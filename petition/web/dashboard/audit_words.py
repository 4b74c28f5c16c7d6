"""What the audit log says to people: a word for each act, thing and value that is written into it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from petition.forms.teams import ROLE_NAMES

ACTIONS: dict[str, LazyString] = {
    "accept_campaign": _("agreed to take over a campaign"),
    "change_role": _("changed a role"),
    "edit_team_language": _("changed the language of the team"),
    "edit_team_name": _("changed the name of the team"),
    "edit_team_needs_review": _("changed whether a second person approves"),
    "edit_team_timezone": _("changed the time zone"),
    "invite": _("invited somebody"),
    "leave_team": _("left the team"),
    "offer_campaign": _("offered a campaign to another team"),
    "refuse_campaign": _("said no to a campaign"),
    "remove_member": _("took somebody out of the team"),
    "resend_invitation": _("sent an invitation again"),
    "revoke_invitation": _("took an invitation back"),
    "start_team": _("started the team"),
    "withdraw_offer": _("took the offer of a campaign back"),
}

THINGS: dict[str, LazyString] = {
    "call": _("Petition"),
    "campaign": _("Campaign"),
    "invitation": _("Invitation"),
    "organiser": _("Person"),
    "picture": _("Picture"),
    "preview_link": _("Preview link"),
    "switch": _("Switch"),
    "team": _("Team"),
}

_VALUES: dict[str, LazyString] = {"True": _("yes"), "False": _("no")}
_VALUES |= {role.value: name for role, name in ROLE_NAMES.items()}


def action(name: str) -> str:
    """Return what an act is called; one that a newer version wrote keeps its own name."""
    return str(ACTIONS.get(name, name.replace("_", " ")))


def thing(name: str) -> str:
    """Return what a kind of thing is called."""
    return str(THINGS.get(name, name.replace("_", " ")))


def value(text: str) -> str:
    """Return an old or a new value as people read it."""
    return str(_VALUES.get(text, text))
