"""The forms behind a mailed link, and the one that asks for links."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, HiddenField, StringField
from wtforms.validators import DataRequired, Optional

from petition.forms.people import PersonName, strip
from petition.forms.signing import CountryField, MailAddress
from petition.forms.token import LetterForm, PlainForm


class WordsForm(PlainForm):
    """What a supporter said and may change; the secret link of the page is proof enough, so there is no token.

    ``version`` names the words that the page showed.
    """

    version = HiddenField("")
    name = StringField(_("Your name"), [DataRequired(_("Please write your name.")), PersonName()], filters=[strip])
    country = CountryField(_("Country"), [Optional()])
    show_name = BooleanField(
        _("Show my first name, the initial of my last name and my country on the page of the petition.")
    )
    updates = BooleanField(_("Send me news about this petition by e-mail."))

    def __init__(self, language: str, **kwargs: Any) -> None:
        super().__init__(**{"story_language": language} | kwargs)
        self.country.language = language


class StoryForm(PlainForm):
    """A story that is changed afterwards; the secret link of the page is proof enough.

    ``version`` names the words that the page showed; ``is_hidden`` takes what is published away meanwhile.
    """

    version = HiddenField("")
    is_hidden = BooleanField(_("Take the published text away until the new one is approved."))


class FindForm(LetterForm):
    """Asks where to send the links to."""

    email = EmailField(
        _("Your e-mail address"), [DataRequired(_("Please write your e-mail address.")), MailAddress()], filters=[strip]
    )
