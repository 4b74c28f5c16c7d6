"""The forms of partners and of their tokens."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import HiddenInput

from petition import terms
from petition.forms.people import strip
from petition.forms.signing import MailAddress
from petition.forms.teams import TeamName
from petition.forms.written import Line, Slug, WebAddress
from petition.lib.languages import ENDONYMS, INTERFACE


class PartnerForm(FlaskForm):
    """Who a partner is; ``revision`` is that of what the form showed. Its name in links never changes."""

    name = StringField(_("Name of the organisation"), [DataRequired(_("Please write a name.")), TeamName()])
    url = StringField(_("Web address"), [WebAddress()])
    contact = EmailField(_("E-mail address"), [Optional(), MailAddress()], filters=[strip])
    language = SelectField(_("Language"), choices={code: ENDONYMS[code] for code in INTERFACE})
    is_listed = BooleanField(_("They agreed to be named in public, with what they brought."))
    is_paused = BooleanField(_("Paused: they are credited for nothing new, and report nothing."))
    revision = IntegerField("", widget=HiddenInput(), default=0)


class NewPartnerForm(PartnerForm):
    """The same with the name that it gets in links."""

    slug = StringField(_("Name in links"), [DataRequired(_("Please write a name for links.")), Slug()])


class TokenForm(FlaskForm):
    """What organisers call a token."""

    name = StringField(
        _("What is the token for?"),
        [
            DataRequired(_("Please give it a name by which you will know it again.")),
            Line(terms.PARTNER_TOKEN_NAME_LENGTH),
        ],
        filters=[strip],
    )
