"""The forms of teams, and what each role is called."""

from zoneinfo import available_timezones

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange

from petition.forms.people import strip
from petition.forms.signing import MailAddress
from petition.lib import names, texts
from petition.lib.languages import ENDONYMS, INTERFACE
from petition.models import Role

NAME_LENGTH = 120

ROLE_NAMES: dict[Role, LazyString] = {
    Role.OWNER: _("Owner"),
    Role.EDITOR: _("Editor"),
    Role.MODERATOR: _("Moderator"),
    Role.ANALYST: _("Analyst"),
}
ROLE_DUTIES: dict[Role, LazyString] = {
    Role.OWNER: _("May do everything in the team: people, campaigns, petitions, taking down."),
    Role.EDITOR: _("Writes campaigns and petitions, publishes, pauses and corrects them."),
    Role.MODERATOR: _("Sees campaigns and petitions and looks after what supporters write."),
    Role.ANALYST: _("Sees campaigns, petitions and their figures, and changes nothing."),
}


class TeamName:
    """Repairs what was pasted, and checks that it can stand in a letter and in a table."""

    def __call__(self, form: Form, field: Field) -> None:
        name = field.data = texts.line(field.data or "")
        if len(name) > NAME_LENGTH:
            raise ValidationError(_("Please shorten the name to %(most)s characters.", most=NAME_LENGTH))
        for is_wrong, sentence in (
            (texts.has_unshowable(name), _("The name contains a character that cannot be shown.")),
            (names.has_email(name) or names.has_url(name), _("Please leave addresses out of the name.")),
            (names.looks_like_formula(name), _("The name cannot begin with = + - or @.")),
            (not names.has_letter(name), _("Please write a name with at least one letter.")),
        ):
            if is_wrong:
                raise ValidationError(sentence)


_LANGUAGES = {code: ENDONYMS[code] for code in INTERFACE}


def _timezones() -> dict[str, str]:
    """Return the names of zones, UTC and Europe first, where most of our readers are."""
    zones = [name for name in available_timezones() if "/" in name and not name.startswith("Etc/")]
    return {name: name for name in ["UTC", *sorted(zones, key=lambda name: (not name.startswith("Europe/"), name))]}


class _TeamForm(FlaskForm):
    name = StringField(_("Name of the team"), [DataRequired(_("Please write a name.")), TeamName()])
    language = SelectField(_("Language of the team"), choices=_LANGUAGES)
    timezone = SelectField(_("Time zone"), choices=_timezones())


class TeamForm(_TeamForm):
    """What a team is called and how it works."""

    needs_review = BooleanField(_("A second person approves each petition before it is published."))
    publishes_unread = BooleanField(_("What supporters tell is public before a moderator has read it."))


class NewTeamForm(_TeamForm):
    """A new team and the address of its first owner."""

    owner_email = EmailField(
        _("E-mail address of the first owner"),
        [DataRequired(_("Please write an e-mail address.")), MailAddress()],
        filters=[strip],
    )


class RoleForm(FlaskForm):
    """One of the four roles."""

    role = RadioField(
        _("Role"),
        [InputRequired(_("Please choose a role."))],
        choices=lambda: {role.value: str(name) for role, name in ROLE_NAMES.items()},
        validate_choice=True,
    )


class InvitationForm(RoleForm):
    """Whom to ask into a team, as what, and in which language to write to them."""

    email = EmailField(
        _("E-mail address"), [DataRequired(_("Please write an e-mail address.")), MailAddress()], filters=[strip]
    )
    language = SelectField(_("Language of the e-mail"), choices=_LANGUAGES)


class OfferForm(FlaskForm):
    """The team to which a campaign is offered: only who knows both its number and its name can name it."""

    number = IntegerField(
        _("Number of the other team"),
        [
            InputRequired(_("Please type the number of the team.")),
            NumberRange(1, 10**15, _("That is no number of a team.")),
        ],
    )
    name = StringField(_("Its name"), [DataRequired(_("Please type the name of the team."))], filters=[strip])
