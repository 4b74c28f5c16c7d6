"""The hidden token of public forms: it takes the place of a session, so no cookie is needed."""

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, SignatureExpired
from wtforms import EmailField, HiddenField, StringField, ValidationError
from wtforms.csrf.core import CSRF, CSRFTokenField

from petition import terms
from petition.lib import clock, tokens

MIN_AGE = timedelta(seconds=2)
LIFETIME = timedelta(hours=terms.FORM_HOURS)


class TokenField(CSRFTokenField):
    """The hidden field; it makes a token only when it is shown."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Take what was sent."""
        HiddenField.process(self, *args, **kwargs)

    def _value(self) -> str:
        return self.current_token or self.csrf_impl.generate_csrf_token(self)


class FormToken(CSRF):
    """A signed moment, good from MIN_AGE to LIFETIME after the form was made, as often as needed.

    One that comes with a refused form is marked, and good at once: whoever got it has waited, or sent in vain, before.
    """

    field_class = TokenField
    RETURNED = b"returned"

    def setup_form(self, form: Any) -> list[tuple[str, Any]]:
        self.purpose, self.mark = f"form.{type(form).__name__}", b""
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return tokens.signer(self.purpose).sign(self.mark).decode()

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        # Shown again, the form has been refused.
        self.mark = self.RETURNED
        try:
            mark, made_at = tokens.unsign(self.purpose, field.data or "", LIFETIME)
        except SignatureExpired:
            raise ValidationError(
                _("This page has been open for a long time. Please press the button again.")
            ) from None
        except BadSignature:
            raise ValidationError(_("This form did not come from this page. Please press the button again.")) from None
        # The clock may have been set back, or another host's may be ahead.
        if mark != self.RETURNED and timedelta(0) <= clock.now() - made_at < MIN_AGE:
            raise ValidationError(_("That was very fast. Please press the button once more."))


class PlainForm(FlaskForm):
    """A form of text fields: neither JSON nor files are taken for what somebody typed."""

    class Meta(FlaskForm.Meta):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            return request.form if request.method == "POST" else None


class PublicForm(PlainForm):
    """A form for everybody: a form token in place of a session, and a honeypot for programs that fill every field."""

    class Meta(PlainForm.Meta):
        csrf = True
        csrf_class = FormToken
        csrf_field_name = "token"

    website = StringField(_("Leave this field empty"))

    def validate_website(self, field: StringField) -> None:
        if field.data:
            raise ValidationError(_("Please leave this field empty; it is there to catch programs."))


class LetterForm(PublicForm):
    """A public form that lets us write a letter, so it may have to bring a proof of work, or the ticket of a wait."""

    email: EmailField
    # Without a label WTForms would look for a translation of its name, in half a millisecond.
    proof = StringField("")
    ticket = StringField("")
