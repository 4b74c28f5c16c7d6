"""The form that signs a call."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, Field, Form, HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Optional

from petition.forms.people import PersonName, strip
from petition.forms.token import LetterForm
from petition.lib import countries, email_addresses


class MailAddress:
    """Repairs what was pasted, and checks that letters can be sent to it; domains may be international."""

    def __call__(self, form: Form, field: Field) -> None:
        address = email_addresses.repair(field.data or "")
        local = address.rpartition("@")[0]
        if local and not local.isascii():
            raise ValidationError(
                _(
                    "Please use an address without accents or other special letters before the @; we cannot write to it yet."
                )
            )
        try:
            field.data = email_addresses.deliverable(address)
        except ValueError:
            raise ValidationError(_("Please check the address: it should look like name@example.org.")) from None


class CountryField(SelectField):
    """A list of countries; what was chosen is looked up, where WTForms walks through all of them."""

    language = "en"

    def iter_choices(self) -> Any:
        """Give the list when it is shown; most forms are only read."""
        self.choices = [("", _("Prefer not to say")), *countries.names(self.language).items()]
        return super().iter_choices()

    def pre_validate(self, form: Any) -> None:
        """Raise for what is not in the list."""
        if self.data and self.data not in countries.names(self.language):
            raise ValidationError(_("Please choose a country from the list."))


class SignForm(LetterForm):
    """Checks the shape only; whether the call is open, and of that kind, is for the domain to say.

    ``forms.stories.with_story`` adds what the kind of the call asks for.
    """

    kind = HiddenField("")
    # Repeat what the address of a refused form said.
    partner = HiddenField("")
    via = HiddenField("")

    name = StringField(_("Your name"), [DataRequired(_("Please write your name.")), PersonName()], filters=[strip])
    email = EmailField(
        _("Your e-mail address"), [DataRequired(_("Please write your e-mail address.")), MailAddress()], filters=[strip]
    )
    country = CountryField(_("Country"), [Optional()])
    # The wording of these three is legal text: domain/signing.CONSENT_VERSION changes with it.
    consent = BooleanField(
        _(
            "Count my support. I know that this shows a political opinion, and I agree that it is processed for this petition."
        ),
        [InputRequired(_("Please tick this box: without your consent we may not count your support."))],
    )
    show_name = BooleanField(_("Show my first name, the initial of my last name and my country on this page."))
    updates = BooleanField(_("Send me news about this petition by e-mail. I can stop it at any time."))

    def __init__(self, language: str, **kwargs: Any) -> None:
        super().__init__(**{"story_language": language} | kwargs)
        self.country.language = language
