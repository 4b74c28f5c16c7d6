"""The forms about passkeys, codes of an app, and recovery codes; the views look at the session's token."""

from flask_babel import lazy_gettext as _
from wtforms import Field, Form, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired

from petition import terms
from petition.forms.people import strip
from petition.forms.token import PlainForm
from petition.lib import names, texts


class PasskeyName:
    """Repairs what was pasted; the name stands in letters, where an address would mislead."""

    def __call__(self, form: Form, field: Field) -> None:
        name = field.data = texts.line(field.data or "")
        if len(name) > terms.PASSKEY_NAME_LENGTH:
            raise ValidationError(_("Please shorten the name to %(most)s characters.", most=terms.PASSKEY_NAME_LENGTH))
        if not name or texts.has_unshowable(name) or names.has_url(name) or names.has_email(name):
            raise ValidationError(_("Please use a plain name, without any web or e-mail address."))


class PasskeyForm(PlainForm):
    """Names a passkey; ``answer`` is what the browser's authenticator said, as JSON, when it made one."""

    name = StringField(
        _("Name of the passkey"),
        [DataRequired(_("Please give the passkey a name.")), PasskeyName()],
        filters=[strip],
        render_kw={"maxlength": terms.PASSKEY_NAME_LENGTH, "autocomplete": "off"},
    )
    answer = HiddenField("")


class CodeForm(PlainForm):
    """Takes the six digits that an app shows."""

    code = StringField(
        _("Code of the app"),
        [DataRequired(_("Please type the six digits that your app shows."))],
        filters=[strip],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "size": 10, "spellcheck": "false"},
    )


class RecoveryCodeForm(PlainForm):
    """Takes a recovery code."""

    code = StringField(
        _("Recovery code"),
        [DataRequired(_("Please type one of your recovery codes."))],
        filters=[strip],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "size": 24, "spellcheck": "false"},
    )
