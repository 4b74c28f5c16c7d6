"""The forms with which a call begins."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from petition.forms.written import ChoiceField, Line, language_choices, language_field
from petition.models import CallKind

KINDS = [
    (CallKind.PETITION.value, _("Petition: people sign what you ask for")),
    (CallKind.DREAM.value, _("Dreams: people say what they wish for")),
    (CallKind.HERO.value, _("Heroes: people name whom they admire")),
    (CallKind.PRACTICE.value, _("Good practice: people tell what works")),
]


class StartCallForm(FlaskForm):
    """The little that a draft begins with."""

    title = StringField(_("Title"), [DataRequired(_("Please write a title.")), Line(200)])
    language = language_field(_("Language"), language_choices())
    other_language = language_field(_("Second language"), [("", _("None yet")), *language_choices()])
    kind = ChoiceField(_("What is it?"), KINDS, is_open=True, default=CallKind.PETITION.value)


class CopyCallForm(FlaskForm):
    """The campaign into which a call is copied, by its id."""

    campaign = ChoiceField(_("Campaign"))
