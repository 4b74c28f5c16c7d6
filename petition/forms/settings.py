"""The forms of the site's switches; each carries the value that its page showed."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, StringField, ValidationError
from wtforms.validators import Length

from petition.lib import texts
from petition.lib.languages import ENDONYMS
from petition.models import BANNER_LENGTH, BANNERS


class SwitchForm(FlaskForm):
    """One button: the switch, the value that was shown, and the one to set."""

    name = HiddenField("")
    shown = HiddenField("")
    value = HiddenField("")


class ShowableLine:
    """Repairs what was pasted into one line, and checks that it can be shown."""

    def __call__(self, form: Form, field: Field) -> None:
        field.data = texts.line(field.data or "")
        if texts.has_unshowable(field.data):
            raise ValidationError(_("This text contains a character that cannot be shown."))


class BannerForm(FlaskForm):
    """The banner, a field ``banner_<language>`` for each language, and what stood there in ``shown_<language>``."""


for _language, _name in BANNERS.items():
    setattr(
        BannerForm,
        _name,
        StringField(
            ENDONYMS[_language],
            [
                ShowableLine(),
                Length(max=BANNER_LENGTH, message=_("Please shorten this to %(most)s characters.", most=BANNER_LENGTH)),
            ],
        ),
    )
    setattr(BannerForm, f"shown_{_language}", HiddenField(""))
