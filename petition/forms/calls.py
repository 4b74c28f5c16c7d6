"""The forms with which a call begins."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Optional

from petition.forms.written import LanguageField, Line, language_choices
from petition.models import CallKind

KINDS = [
    (CallKind.PETITION.value, _("Petition: people sign what you ask for")),
    (CallKind.DREAM.value, _("Dreams: people say what they wish for")),
    (CallKind.HERO.value, _("Heroes: people name whom they admire")),
    (CallKind.PRACTICE.value, _("Good practice: people tell what works")),
]


class StartCallForm(FlaskForm):
    """The little that a draft begins with."""

    kind = RadioField(_("What is it?"), choices=KINDS, default=CallKind.PETITION.value)
    title = StringField(_("Title"), [DataRequired(_("Please write a title.")), Line(200)])
    language = LanguageField(_("Language"), choices=language_choices())
    other_language = LanguageField(
        _("Second language"), [Optional()], choices=[("", _("None yet")), *language_choices()]
    )


class CopyCallForm(FlaskForm):
    """The campaign into which a call is copied."""

    campaign = SelectField(_("Campaign"), coerce=int, validate_choice=True)
