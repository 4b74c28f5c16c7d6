"""What the audit log says to people: a word for each act, thing and value that is written into it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from petition.forms.teams import ROLE_NAMES

ACTIONS: dict[str, LazyString] = {
    "accept_campaign": _("agreed to take over a campaign"),
    "accept_invitation": _("accepted an invitation"),
    "add_passkey": _("added a passkey"),
    "add_picture": _("uploaded a picture"),
    "approve_call": _("approved a petition"),
    "archive_call": _("archived a petition"),
    "ask_for_address": _("asked for another address"),
    "ask_for_reset": _("started a way back into an account"),
    "change_address": _("changed the address of an account"),
    "change_language": _("changed their language"),
    "change_password": _("changed a password"),
    "change_profile": _("changed their name"),
    "change_role": _("changed a role"),
    "change_times": _("changed the times of a petition"),
    "choose_picture": _("chose a picture for a petition"),
    "copy_call": _("started a petition as a copy"),
    "create_preview_link": _("made a preview link"),
    "decline_invitation": _("declined an invitation"),
    "delete_account": _("deleted an account"),
    "delete_unused_picture": _("deleted a picture that nothing shows"),
    "edit_call": _("wrote a petition"),
    "edit_campaign": _("wrote a campaign"),
    "edit_team_language": _("changed the language of the team"),
    "edit_team_name": _("changed the name of the team"),
    "edit_team_needs_review": _("changed whether a second person approves"),
    "edit_team_timezone": _("changed the time zone"),
    "import_call": _("imported a petition"),
    "invite": _("invited somebody"),
    "leave_team": _("left the team"),
    "make_account": _("made an account"),
    "note_passkey_copy": _("signed in with a passkey that seems to be a copy"),
    "offer_campaign": _("offered a campaign to another team"),
    "pause_call": _("paused a petition"),
    "publish_call": _("published a petition"),
    "refuse_campaign": _("said no to a campaign"),
    "remove_member": _("took somebody out of the team"),
    "remove_passkey": _("removed a passkey"),
    "rename_passkey": _("renamed a passkey"),
    "renew_recovery_codes": _("made new recovery codes"),
    "resend_invitation": _("sent an invitation again"),
    "resume_call": _("resumed a petition"),
    "revoke_invitation": _("took an invitation back"),
    "revoke_preview_link": _("ended a preview link"),
    "send_call_back": _("sent a petition back to be changed"),
    "set_switches": _("changed a switch of the site"),
    "sign_in": _("signed in"),
    "start_call": _("started a petition"),
    "start_campaign": _("started a campaign"),
    "start_team": _("started the team"),
    "stop_reset": _("stopped a way back into an account"),
    "submit_call": _("asked for a second pair of eyes"),
    "take_call_down": _("took a petition down"),
    "take_picture_down": _("took a picture down"),
    "turn_totp_off": _("switched codes of an app off"),
    "turn_totp_on": _("switched codes of an app on"),
    "use_recovery_code": _("signed in with a recovery code"),
    "use_reset": _("used a way back into an account"),
    "withdraw_offer": _("took the offer of a campaign back"),
}

THINGS: dict[str, LazyString] = {
    "call": _("Petition"),
    "campaign": _("Campaign"),
    "invitation": _("Invitation"),
    "organiser": _("Person"),
    "passkey": _("Passkey"),
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
    kind, _space, number = text.partition(" ")
    if kind == "team" and number.isdecimal():
        return str(_("team %(number)s", number=number))
    return str(_VALUES.get(text, text))
