"""What the audit log says to people: a word for each act, thing and value that is written into it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from petition.forms.moderation import STATE_NAMES
from petition.forms.teams import ROLE_NAMES

ACTIONS: dict[str, LazyString] = {
    "accept_campaign": _("agreed to take over a campaign"),
    "accept_invitation": _("accepted an invitation"),
    "add_partner": _("added a partner"),
    "add_passkey": _("added a passkey"),
    "add_picture": _("uploaded a picture"),
    "approve_call": _("approved a petition"),
    "approve_story": _("approved a story"),
    "archive_call": _("archived a petition"),
    "ask_for_address": _("asked for another address"),
    "ask_for_reset": _("started a way back into an account"),
    "ask_for_second_look": _("asked for a second look at a report"),
    "ask_story": _("asked for a change of a story"),
    "change_address": _("changed the address of an account"),
    "change_frames": _("changed which sites may show a form"),
    "change_hold_list": _("changed the words that hold stories"),
    "change_language": _("changed their language"),
    "change_password": _("changed a password"),
    "change_profile": _("changed their name"),
    "change_role": _("changed a role"),
    "change_story_language": _("corrected the language of a story"),
    "change_times": _("changed the times of a petition"),
    "choose_picture": _("chose a picture for a petition"),
    "close_report": _("closed a report about what was gone"),
    "copy_call": _("started a petition as a copy"),
    "create_preview_link": _("made a preview link"),
    "decide_report": _("decided a report"),
    "decline_invitation": _("declined an invitation"),
    "delete_account": _("deleted an account"),
    "delete_unused_picture": _("deleted a picture that nothing shows"),
    "edit_call": _("wrote a petition"),
    "edit_campaign": _("wrote a campaign"),
    "edit_partner": _("changed a partner"),
    "edit_team_language": _("changed the language of the team"),
    "edit_team_name": _("changed the name of the team"),
    "edit_team_needs_review": _("changed whether a second person approves"),
    "edit_team_publishes_unread": _("changed whether stories are public before they are read"),
    "edit_team_timezone": _("changed the time zone"),
    "hold_story": _("hid a story that nobody had read"),
    "hide_story": _("hid a story"),
    "feature_story": _("chose a story"),
    "import_call": _("imported a petition"),
    "invite": _("invited somebody"),
    "leave_team": _("left the team"),
    "make_account": _("made an account"),
    "note_passkey_copy": _("signed in with a passkey that seems to be a copy"),
    "note_story": _("wrote a note about a story"),
    "make_partner_token": _("made a partner’s token"),
    "offer_campaign": _("offered a campaign to another team"),
    "pause_call": _("paused a petition"),
    "publish_call": _("published a petition"),
    "refuse_campaign": _("said no to a campaign"),
    "refuse_story": _("refused a story"),
    "remove_member": _("took somebody out of the team"),
    "remove_passkey": _("removed a passkey"),
    "refuse_partner_report": _("refused a partner’s report"),
    "remove_story_translation": _("took a translation of a story away"),
    "rename_passkey": _("renamed a passkey"),
    "renew_recovery_codes": _("made new recovery codes"),
    "report": _("reported something"),
    "resend_invitation": _("sent an invitation again"),
    "resume_call": _("resumed a petition"),
    "revoke_invitation": _("took an invitation back"),
    "revoke_partner_link": _("ended the link of a partner"),
    "revoke_partner_token": _("revoked a partner’s token"),
    "revoke_preview_link": _("ended a preview link"),
    "send_call_back": _("sent a petition back to be changed"),
    "send_partner_link": _("sent a partner its link"),
    "set_switches": _("changed a switch of the site"),
    "sign_in": _("signed in"),
    "start_call": _("started a petition"),
    "start_campaign": _("started a campaign"),
    "start_team": _("started the team"),
    "stop_reset": _("stopped a way back into an account"),
    "submit_call": _("asked for a second pair of eyes"),
    "take_call_down": _("took a petition down"),
    "take_partner_report": _("let a partner’s report count"),
    "take_picture_down": _("took a picture down"),
    "take_story_over": _("took a story over from another moderator"),
    "translate_story": _("translated a story"),
    "turn_totp_off": _("switched codes of an app off"),
    "turn_totp_on": _("switched codes of an app on"),
    "undo_story": _("undid a decision about a story"),
    "unfeature_story": _("chose a story no more"),
    "use_recovery_code": _("signed in with a recovery code"),
    "use_reset": _("used a way back into an account"),
    "withdraw_offer": _("took the offer of a campaign back"),
}

THINGS: dict[str, LazyString] = {
    "call": _("Petition"),
    "campaign": _("Campaign"),
    "invitation": _("Invitation"),
    "organiser": _("Person"),
    "partner": _("Partner"),
    "partner_report": _("A partner’s report"),
    "partner_token": _("A partner’s token"),
    "passkey": _("Passkey"),
    "picture": _("Picture"),
    "preview_link": _("Preview link"),
    "report": _("Report"),
    "report_case": _("Reports about one thing"),
    "story": _("Story"),
    "switch": _("Switch"),
    "team": _("Team"),
}

# What has no organiser as its author: done by a rule, or by somebody without an account.
AUTOMATIC = {"close_report", "delete_unused_picture", "hold_story"}
BY_ANYBODY = {"ask_for_second_look", "report"}

_VALUES: dict[str, LazyString] = {"True": _("yes"), "False": _("no")}
_VALUES |= {state.value: name for state, name in STATE_NAMES.items() if state}
_VALUES |= {"waiting": _("waiting"), "held": _("held")}
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
