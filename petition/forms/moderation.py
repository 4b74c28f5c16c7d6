"""What moderators choose and write: which stories to read, what is decided and why, words that hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Optional
from wtforms.widgets import HiddenInput

from petition import terms
from petition.forms.people import PersonName, strip
from petition.forms.written import ChoiceField, Paragraphs, language_choices
from petition.lib import texts
from petition.models import CallKind, Decision, ReasonClass, StoryState

SENTENCE_LENGTH = 500
NOTE_LENGTH = 1000
HOLD_WORD_LENGTH = 80
MOST_HOLD_WORDS = 500

# What each class is called, and what an author reads beside it.
REASON_NAMES: dict[ReasonClass, LazyString] = {
    ReasonClass.OFF_TOPIC: _("Not about the call"),
    ReasonClass.HATE: _("Insults or hatred"),
    ReasonClass.PRIVATE: _("Somebody's private life"),
    ReasonClass.ADVERTISING: _("Advertising"),
    ReasonClass.COPIED: _("Not the author's own words"),
    ReasonClass.LAW: _("Against the law"),
    ReasonClass.UNREADABLE: _("Cannot be read"),
    ReasonClass.OTHER: _("Something else"),
}
REASON_SENTENCES: dict[ReasonClass, LazyString] = {
    ReasonClass.OFF_TOPIC: _("The text does not answer what the call asks."),
    ReasonClass.HATE: _("The text insults people or incites to hatred."),
    ReasonClass.PRIVATE: _("The text tells something private about somebody."),
    ReasonClass.ADVERTISING: _("The text advertises something."),
    ReasonClass.COPIED: _("The text seems to be somebody else's."),
    ReasonClass.LAW: _("Publishing the text would be against the law."),
    ReasonClass.UNREADABLE: _("The text cannot be read."),
    ReasonClass.OTHER: _("The reason is in the sentence below."),
}
STATE_NAMES: dict[StoryState | None, LazyString] = {
    None: _("Waiting"),
    StoryState.APPROVED: _("Approved"),
    StoryState.CHANGE_ASKED: _("Change asked for"),
    StoryState.REFUSED: _("Refused"),
    StoryState.HIDDEN: _("Hidden"),
}
FLAG_NAMES: dict[str, LazyString] = {
    "word": _("Word of your list"),
    "link": _("Link"),
    "email": _("E-mail address"),
    "phone": _("Telephone number"),
    "appeal": _("A second look is asked for"),
    "reported": _("Reported"),
    "repeated": _("Same text again"),
}
KIND_NAMES: dict[CallKind, LazyString] = {
    CallKind.PETITION: _("Reasons for signing"),
    CallKind.DREAM: _("Dreams"),
    CallKind.HERO: _("Heroes"),
    CallKind.PRACTICE: _("Good practice"),
}
LANGUAGES: dict[str, str] = dict(language_choices())


class _ByGet(FlaskForm):
    """A form that is part of an address."""

    class Meta(FlaskForm.Meta):
        csrf = False


def _number(text: Any) -> int | None:
    return int(text) if text not in {"", None} else None


def _or_all(names: Mapping[Any, LazyString | str]) -> Callable[[], dict[str, str]]:
    """Return what lists some choices by their names, after one for all of them."""
    return lambda: {"": str(_("All")), **{str(value): str(name) for value, name in names.items()}}


def _revision() -> IntegerField:
    """Return the field that says which words the page showed."""
    return IntegerField(validators=[InputRequired()], widget=HiddenInput())


class StoryFilterForm(_ByGet):
    """Which stories to read; all may be left open. The calls are handed in by the page."""

    state = HiddenField("")
    call = SelectField(_("Call"), [Optional()], coerce=_number)
    kind = SelectField(_("Kind"), [Optional()], choices=_or_all(KIND_NAMES))
    language = SelectField(_("Language"), [Optional()], choices=_or_all(LANGUAGES))
    flag = SelectField(_("Mark"), [Optional()], choices=_or_all(FLAG_NAMES))

    def validate_state(self, field: HiddenField) -> None:
        """Refuse a state by which nothing is listed."""
        if (field.data or None) not in STATE_NAMES:
            raise ValidationError


class _ReasonField(ChoiceField):
    """A class of reasons, which only what is decided against a story needs."""

    def pre_validate(self, form: Any) -> None:
        if self.data or form.is_against:
            super().pre_validate(form)


class BulkForm(FlaskForm):
    """What is decided about several stories, and why: a refusal names a class.

    A question to the author, or what fits no class, needs a sentence.
    """

    decision = HiddenField("")
    reason_class = _ReasonField(_("Why?"), REASON_NAMES.items(), sentence=_("Please choose a reason."), is_open=True)
    sentence = TextAreaField(
        _("Sentence to the author"),
        [Paragraphs(SENTENCE_LENGTH)],
        filters=[strip],
        render_kw={"maxlength": SENTENCE_LENGTH},
    )

    @property
    def is_against(self) -> bool:
        """Whether the author is owed a class of reasons."""
        return self.decision.data in {Decision.REFUSE, Decision.HIDE}

    @property
    def what(self) -> dict[str, Any]:
        """What was decided and why, as ``moderation.decide`` takes it, once the form is valid."""
        return {
            "decision": Decision(self.decision.data or ""),
            "reason_class": (self.reason_class.data or "") if self.is_against else "",
            "sentence": "" if self.decision.data == Decision.APPROVE else self.sentence.data,
        }

    def validate_decision(self, field: HiddenField) -> None:
        """Refuse what is no decision."""
        if field.data not in set(Decision):
            raise ValidationError(_("Please press one of the buttons."))

    def validate_sentence(self, field: TextAreaField) -> None:
        """Ask for a sentence where the author could not know what is meant."""
        if field.data:
            return
        if self.decision.data == Decision.ASK:
            raise ValidationError(_("Please write what the author should change."))
        if self.is_against and self.reason_class.data == ReasonClass.OTHER:
            raise ValidationError(_("Please write the reason in a sentence."))


class DecisionForm(BulkForm):
    """What is decided about one story, and which words and which state the page showed."""

    revision = _revision()
    seen = HiddenField("")

    def validate_seen(self, field: HiddenField) -> None:
        """Refuse what is no state."""
        if field.data not in set(StoryState):
            raise ValidationError(_("Please press one of the buttons."))


class LanguageForm(FlaskForm):
    """In which language a text is."""

    revision = _revision()
    language = ChoiceField(_("Language of the text"), LANGUAGES.items())


class NoteForm(FlaskForm):
    """A note of the team."""

    note = TextAreaField(
        _("Note for your team"),
        [Paragraphs(NOTE_LENGTH), DataRequired(_("Please write something."))],
        filters=[strip],
        render_kw={"maxlength": NOTE_LENGTH},
    )


class TranslationForm(FlaskForm):
    """A translation and who made it; without a text it is taken away."""

    revision = _revision()
    into = ChoiceField(_("Into"), LANGUAGES.items())
    translation = TextAreaField(
        _("Translation"),
        [Paragraphs(2 * terms.DREAM_LENGTH)],
        filters=[strip],
        render_kw={"maxlength": 2 * terms.DREAM_LENGTH},
    )
    translator = StringField(
        _("Translated by"),
        [Optional(), PersonName()],
        filters=[strip],
        render_kw={"maxlength": terms.NAME_LENGTH},
    )


class HoldListForm(FlaskForm):
    """The words of one language, each on its own line."""

    language = SelectField(_("Language"), choices=_or_all(LANGUAGES))
    words = TextAreaField(_("Words, one on each line"), [Paragraphs(HOLD_WORD_LENGTH * MOST_HOLD_WORDS)])

    @property
    def listed(self) -> list[str]:
        """What was typed, without empty lines."""
        return [word for line in (self.words.data or "").splitlines() if (word := texts.line(line))]

    def validate_words(self, field: TextAreaField) -> None:
        """Refuse what is too long, too much, or nothing that could be found in a text."""
        if len(self.listed) > MOST_HOLD_WORDS:
            raise ValidationError(_("There is room for %(most)s words in a list.", most=MOST_HOLD_WORDS))
        for word in self.listed:
            if len(word) > HOLD_WORD_LENGTH:
                raise ValidationError(_("A word has up to %(most)s characters.", most=HOLD_WORD_LENGTH))
            if not texts.fold(word):
                raise ValidationError(_("This cannot be found in any text: %(word)s", word=word))


def seen_revisions(values: Sequence[str]) -> dict[int, int]:
    """Return by id which revision of a story a page showed, from what its boxes send: ``id.revision``."""
    pairs = [re.fullmatch(r"(\d{1,15})\.(\d{1,15})", value, re.ASCII) for value in values]
    return {int(pair[1]): int(pair[2]) for pair in pairs if pair}
