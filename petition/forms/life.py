"""The forms with which organisers publish a call, change its times, and take it down."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateTimeLocalInput

from petition.forms.written import ChoiceField
from petition.lib import local_times
from petition.models import RemovalReason

_WHICH = [
    ("", _("Please choose")),
    (local_times.FIRST, _("The first time")),
    (local_times.SECOND, _("The second time")),
]
_REASONS = [
    (RemovalReason.ORGANISER.value, _("Its organisers took it back.")),
    (RemovalReason.MISTAKE.value, _("It was published by mistake.")),
    (RemovalReason.RULES.value, _("It broke the rules of this site.")),
    (RemovalReason.LAW.value, _("The law asked for it.")),
]
_LONGEST = 500


class _MomentsForm(FlaskForm):
    """Moments typed by the clocks of a zone; ``moments`` has them by field after a form was found valid."""

    opens_at = StringField(_("Opens"), widget=DateTimeLocalInput())
    opens_which = ChoiceField(_("Which of the two?"), _WHICH, default="")

    def __init__(self, zone: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.zone = zone
        self.moments: dict[str, datetime | None] = {}

    def read(self, name: str) -> None:
        """Read the moment of a field into ``moments``; an empty one is None, and a wrong one an error of the field."""
        field, which = self[f"{name}_at"], self[f"{name}_which"]
        typed = (field.data or "").strip()
        try:
            self.moments[name] = local_times.parse(typed, self.zone, which.data or "") if typed else None
        except local_times.NoSuchTime as error:
            sentence = _(
                "Clocks go forward in that night, and in %(zone)s this time does not exist. Please choose another, such as %(earlier)s or %(later)s.",
                zone=self.zone,
                earlier=f"{error.earlier:%H:%M}",
                later=f"{error.later:%H:%M}",
            )
            field.errors = [*field.errors, sentence]
        except local_times.TimeComesTwice:
            sentence = _(
                "Clocks go back in that night, and in %(zone)s this time comes twice. Please choose below which one you mean.",
                zone=self.zone,
            )
            field.errors = [*field.errors, sentence]
        except ValueError:
            field.errors = [*field.errors, _("Please write a date and a time, such as 2027-03-01T09:00.")]


class PublishForm(_MomentsForm):
    """What is published, when it opens, and why words change that the public has seen."""

    revision = HiddenField("")
    note = TextAreaField(_("Why the words change"), [Length(max=_LONGEST)], render_kw={"maxlength": _LONGEST})

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape, and the moment."""
        is_valid = super().validate(extra_validators)
        self.read("opens")
        return is_valid and not self.opens_at.errors


class TimesForm(_MomentsForm):
    """When a published call opens and closes; one that has opened is not asked when."""

    closes_at = StringField(_("Closes"), widget=DateTimeLocalInput())
    closes_which = ChoiceField(_("Which of the two?"), _WHICH, default="")

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape, and the moments."""
        is_valid = super().validate(extra_validators)
        self.read("opens")
        self.read("closes")
        return is_valid and not self.opens_at.errors and not self.closes_at.errors


class TakeDownForm(FlaskForm):
    """Why a call is taken down, as its page says."""

    reason = ChoiceField(
        _("Reason, as the public page says it"),
        _REASONS,
        validators=[DataRequired(_("Please choose a reason."))],
        is_open=True,
    )
