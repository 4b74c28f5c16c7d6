"""The forms of reports: what is wrong, what is decided about it, and why it should be looked at again."""

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Optional

from petition import terms
from petition.forms.people import PersonName, strip
from petition.forms.signing import MailAddress
from petition.forms.token import LetterForm, PlainForm
from petition.forms.written import ChoiceField, Paragraphs
from petition.models import ReportedThing, ReportOutcome, ReportReason

REASONS: dict[ReportReason, LazyString] = {
    ReportReason.PRIVACY: _("It tells something private about a person"),
    ReportReason.HATRED: _("It spreads hatred, or threatens people"),
    ReportReason.COPYRIGHT: _("It uses the work of somebody who did not allow it"),
    ReportReason.NOT_OWN: _("These are not the author's own words"),
    ReportReason.SPAM: _("It is advertising or spam"),
    ReportReason.ILLEGAL: _("It is illegal for another reason"),
    ReportReason.OTHER: _("Something else is wrong"),
}
OUTCOMES: dict[ReportOutcome, LazyString] = {
    ReportOutcome.KEPT: _("It stays as it is"),
    ReportOutcome.HIDDEN: _("It is hidden"),
    ReportOutcome.REMOVED: _("It is taken down for good"),
    ReportOutcome.GONE: _("It is not public any more"),
}
# What may be decided about each thing by a person.
DECISIONS = {
    ReportedThing.STORY: (ReportOutcome.KEPT, ReportOutcome.HIDDEN),
    ReportedThing.CALL: (ReportOutcome.KEPT, ReportOutcome.REMOVED),
    ReportedThing.PICTURE: (ReportOutcome.KEPT, ReportOutcome.REMOVED),
}

_EXPLAIN = _("Please explain it in a sentence or two.")
_MOST = {"maxlength": terms.REPORT_LENGTH}


class ReportForm(LetterForm):
    """What is wrong and why; name and address may be left out. EU 2022/2065 Art. 16 (2)."""

    reason = ChoiceField(
        _("What is wrong?"), REASONS.items(), sentence=_("Please choose what is wrong."), is_open=True, is_required=True
    )
    text = TextAreaField(
        _("Why do you think so?"),
        [Paragraphs(terms.REPORT_LENGTH), DataRequired(_EXPLAIN)],
        filters=[strip],
        render_kw=_MOST,
    )
    name = StringField(
        _("Your name"), [Optional(), PersonName()], filters=[strip], render_kw={"maxlength": terms.NAME_LENGTH}
    )
    email = EmailField(_("Your e-mail address"), [Optional(), MailAddress()], filters=[strip])
    good_faith = BooleanField(
        _("I believe in good faith that what I say here is correct and complete."),
        [InputRequired(_("Please tick this box: the law asks for it with each report."))],
    )


class SecondLookForm(PlainForm):
    """Why a decision should be looked at again; the secret link of the page is proof enough, so there is no token."""

    words = TextAreaField(
        _("Why was the decision wrong?"),
        [Paragraphs(terms.REPORT_LENGTH), DataRequired(_EXPLAIN)],
        filters=[strip],
        render_kw=_MOST,
    )


class DecideForm(FlaskForm):
    """What is decided about reports, on which ground, and why; ``revision`` names the words that were seen."""

    revision = HiddenField("")
    outcome = ChoiceField(_("Decision"), sentence=_("Please choose what is decided."), is_open=True, is_required=True)
    ground = ChoiceField(
        _("Ground, if it goes"),
        [("", _("Please choose")), *REASONS.items()],
        default="",
    )
    sentence = TextAreaField(
        _("Reasons"),
        [
            Paragraphs(terms.REPORT_LENGTH),
            DataRequired(_("Please give the reasons: the law asks for them, and people are told.")),
        ],
        filters=[strip],
        render_kw=_MOST,
    )

    def __init__(self, outcomes: list[ReportOutcome], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outcome.choices = [(outcome.value, OUTCOMES[outcome]) for outcome in outcomes]

    def validate_ground(self, field: ChoiceField) -> None:
        """Ask for the ground where something is to go."""
        if self.outcome.data not in {None, "", ReportOutcome.KEPT} and not field.data:
            raise ValidationError(_("Please choose the ground on which it goes."))
