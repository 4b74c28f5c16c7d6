"""The form that filters the audit log; it is sent by GET, so that a filtered page has an address."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import NumberRange, Optional


def _number(text: Any) -> int | None:
    return int(text) if text not in {"", None} else None


class AuditFilterForm(FlaskForm):
    """Who, what, on which thing and which day; all may be left open. The choices are handed in by the page."""

    class Meta(FlaskForm.Meta):
        csrf = False

    person = SelectField(_("Person"), [Optional()], coerce=_number)
    action = SelectField(_("Act"), [Optional()])
    thing = SelectField(_("Thing"), [Optional()])
    day = DateField(_("Day (UTC)"), [Optional()])
    before = IntegerField("", [Optional(), NumberRange(1, 10**15)])
