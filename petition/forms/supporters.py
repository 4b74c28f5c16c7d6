"""The forms on the supporter's own page, and the one that asks for it."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import DataRequired

from petition.forms.signing import MailAddress, PersonName, strip
from petition.forms.token import LetterForm, PlainForm


class DetailsForm(PlainForm):
    """What a supporter may change; the secret link of the page is proof enough, so there is no token."""

    name = StringField(_("Your name"), [DataRequired(_("Please write your name.")), PersonName()], filters=[strip])
    show_name = BooleanField(
        _("Show my first name, the initial of my last name and my country on the page of the call.")
    )
    updates = BooleanField(_("Send me news about this call by e-mail."))


class FindForm(LetterForm):
    """Asks where to send the links to."""

    email = EmailField(
        _("Your e-mail address"), [DataRequired(_("Please write your e-mail address.")), MailAddress()], filters=[strip]
    )
