"""The editor of a call: what is not in a language, and the words of each language, as one form."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import DateTimeLocalInput

from petition.forms.calls import KINDS
from petition.forms.written import LanguageField, Line, Markdown, Paragraphs, Slug, WebAddress, language_choices
from petition.lib import clock, languages, local_times
from petition.lib.local_times import NoSuchTime, TimeComesTwice
from petition.models import AddresseeContent, CallContent, TextContent, empty_text

Typed = MultiDict[str, str]

_MOST_SIGNATURES = 100_000_000
_MOST_ADDRESSEES = 30
_RANGE = _("Please write a number between %(min)s and %(max)s.")
_WHICH = [
    ("", _("Please choose")),
    (local_times.FIRST, _("The first time")),
    (local_times.SECOND, _("The second time")),
]


class AddresseeForm(Form):
    """One to whom an ask goes."""

    name = StringField(_("Name"), [Line(120)])
    kind = SelectField(_("Kind"), choices=[("institution", _("Institution")), ("person", _("Person"))])
    url = StringField(_("Link"), [WebAddress()])


class TextForm(Form):
    """The words of a call in one language; ``code`` is its code, ``has_more`` adds a row for one more addressee."""

    title = StringField(_("Title"), [Line(200)])
    ask = TextAreaField(_("What do you ask for?"), [Paragraphs(2000)])
    body = TextAreaField(_("Reasons"), [Markdown()])
    thanks = TextAreaField(_("Thanks to those who signed"), [Paragraphs(2000)])
    share_text = StringField(_("Words for sharing"), [Line(300)])
    story_prompt = StringField(_("Question to supporters"), [Line(300)])
    image_alt = StringField(_("What the picture shows"), [Line(300)])
    notice = StringField(_("Notice on the page"), [Line(600)])
    outcome = TextAreaField(_("What happened then"), [Markdown()])
    reported_total = StringField(_("Total, as reported elsewhere"), [Line(200)])
    reported_source = StringField(_("Source of that total"), [WebAddress()])

    def __init__(self, code: str, typed: Typed | None, content: TextContent, *, has_more: bool = False) -> None:
        super().__init__(typed, prefix=f"{code}-", data=content)
        self.code = code
        given: list[Any] = list(content["addressees"])
        if typed is not None and f"{code}-addressees" in typed:
            given = [None] * _count(typed[f"{code}-addressees"])
        rows = [*given, None] if has_more or not given else given
        self.addressees = [
            AddresseeForm(typed, prefix=f"{code}-addressee{number}-", data=one)
            for number, one in enumerate(rows[:_MOST_ADDRESSEES])
        ]

    def fields(self) -> Iterator[Field]:
        """Give all fields, those of the addressees too."""
        yield from self
        for addressee in self.addressees:
            yield from addressee

    def content(self) -> TextContent:
        """Return the words as a draft holds them; an addressee without a name is none."""
        addressees = [cast("AddresseeContent", one.data) for one in self.addressees if one.name.data]
        return cast("TextContent", {**self.data, "addressees": addressees})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape of all fields."""
        return all([super().validate(extra_validators), *(addressee.validate() for addressee in self.addressees)])


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) <= 3 else 0


class CallForm(FlaskForm):
    """What is not in a language; moments are typed by the clocks of ``zone``."""

    base = HiddenField()
    kind = SelectField(_("Kind"), choices=KINDS)
    slug = StringField(_("Address"), [Slug()])
    language = LanguageField(_("Main language"))
    hashtag = StringField(_("Hashtag"), [Line(60)])
    opens_at = StringField(_("Opens"), widget=DateTimeLocalInput())
    opens_which = SelectField(_("Which of the two?"), choices=_WHICH)
    closes_at = StringField(_("Closes"), widget=DateTimeLocalInput())
    closes_which = SelectField(_("Which of the two?"), choices=_WHICH)
    goal = IntegerField(_("Goal"), [Optional(), NumberRange(1, _MOST_SIGNATURES, _RANGE)])
    partner_reported = IntegerField(
        _("Signatures that partners reported"), [Optional(), NumberRange(0, _MOST_SIGNATURES, _RANGE)]
    )

    def __init__(self, typed: Typed | None, content: CallContent, *, base: int, zone: str, reserved: set[str]) -> None:
        moments = {name: _moment(content[f"{name}_at"]) for name in ("opens", "closes")}  # type: ignore[literal-required]
        values: dict[str, Any] = {**content, "base": base}
        for name, moment in moments.items():
            values[f"{name}_at"] = local_times.shown(moment, zone) if moment else ""
            values[f"{name}_which"] = local_times.which(moment, zone) if moment else ""
        super().__init__(typed, data=values)
        self.zone, self.reserved = zone, reserved
        # Questions about times that come twice are put only then.
        self.asked = {name for name in ("opens_which", "closes_which") if self[name].data}
        self.before = self.moments = moments

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; the moments are read, and closing comes after opening."""
        is_valid = super().validate(extra_validators)
        self.moments = {name: self._read(name) for name in self.before}
        opens, closes = self.moments.values()
        if closes and opens and closes <= opens:
            _add_error(self.closes_at, _("A call closes after it opens. Please choose a later moment."))
        elif closes and not self.opens_at.data and closes <= clock.now():
            _add_error(self.closes_at, _("This moment is over. Please choose a later one."))
        return is_valid and not any(field.errors for field in self)

    def _read(self, name: str) -> datetime | None:
        field, which, before = self[f"{name}_at"], self[f"{name}_which"], self.before[name]
        typed = (field.data or "").strip()
        if not typed:
            return None
        if before and (typed, which.data) == (
            local_times.shown(before, self.zone),
            local_times.which(before, self.zone),
        ):
            # Nobody touched it: its seconds stay.
            return before
        try:
            return local_times.parse(typed, self.zone, which.data)
        except NoSuchTime as fault:
            sentence = _(
                "Clocks go forward in that night, and in %(zone)s this time does not exist. Please choose another, such as %(earlier)s or %(later)s.",
                zone=self.zone,
                earlier=f"{fault.earlier:%H:%M}",
                later=f"{fault.later:%H:%M}",
            )
        except TimeComesTwice:
            self.asked.add(which.name)
            sentence = _(
                "Clocks go back in that night, and in %(zone)s this time comes twice. Please choose below which one you mean.",
                zone=self.zone,
            )
        except ValueError:
            sentence = _("Please write a date and a time, such as 2027-03-01T09:00.")
        _add_error(field, sentence)
        return None


class Editor:
    """All forms of the editor, from what was typed or else from a draft; ``errors`` are of no one field."""

    def __init__(
        self,
        typed: Typed | None,
        content: CallContent,
        *,
        base: int,
        zone: str,
        reserved: set[str],
        kind_stays: bool = False,
        has_more: str = "",
    ) -> None:
        self.content_before, self.kind_stays = content, kind_stays
        self.call = CallForm(typed, content, base=base, zone=zone, reserved=reserved)
        if kind_stays:
            self.call.kind.data = content["kind"]
        codes = list(dict.fromkeys(typed.getlist("languages"))) if typed else list(content["texts"])
        self.errors = [
            gettext("“%(code)s” is not one of the languages of the European Union.", code=code[:20])
            for code in codes
            if code not in languages.ENDONYMS
        ]
        known = [code for code in codes if code in languages.ENDONYMS] or [content["language"]]
        self.texts = {
            code: TextForm(code, typed, content["texts"].get(code, empty_text()), has_more=code == has_more)
            for code in known
        }
        self._offer_languages()

    def add_language(self, code: str) -> None:
        """Add an empty text; an unknown language is an error."""
        if code not in languages.ENDONYMS:
            self.errors.append(gettext("Please choose a language from the list."))
        elif code not in self.texts:
            self.texts[code] = TextForm(code, None, empty_text())
            self._offer_languages()

    def remove_language(self, code: str) -> None:
        """Leave out a text; the last one stays."""
        if len(self.texts) > 1:
            self.texts.pop(code, None)
            self._offer_languages()

    def fields(self) -> Iterator[tuple[str, Field]]:
        """Give each field with the code of its language, which is empty for what is not in a language."""
        yield from (("", field) for field in self.call)
        for code, text in self.texts.items():
            yield from ((code, field) for field in text.fields())

    def validate(self) -> bool:
        """Check the shape of everything."""
        return all([self.call.validate(), *(text.validate() for text in self.texts.values()), not self.errors])

    @property
    def faults(self) -> list[tuple[str, Field]]:
        """The fields with errors, each with its language."""
        return [(code, field) for code, field in self.fields() if field.errors]

    def sentences(self) -> list[str]:
        """Return what is to be mended, each with the name of its field."""
        return [*self.errors, *(f"{field.label.text}: {field.errors[0]}" for _code, field in self.faults)]

    def content(self) -> CallContent:
        """Return the draft that was typed, once it is valid."""
        form = self.call
        moments = {f"{name}_at": moment and moment.isoformat() for name, moment in form.moments.items()}
        return cast(
            "CallContent",
            {
                "slug": form.slug.data,
                "kind": form.kind.data,
                "language": form.language.data,
                "hashtag": form.hashtag.data,
                **moments,
                "goal": form.goal.data,
                "picture_id": self.content_before["picture_id"],
                "partner_reported": form.partner_reported.data or 0,
                "texts": {code: text.content() for code, text in self.texts.items()},
            },
        )

    def _offer_languages(self) -> None:
        """Let the main language be one of those that are there."""
        self.call.language.choices = language_choices(self.texts)
        if self.call.language.data not in self.texts:
            self.call.language.data = next(iter(self.texts))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _add_error(field: Field, sentence: Any) -> None:
    field.errors = [*field.errors, sentence]


# What fields are called, by their names.
LABELS = {"addressees": _("Addressees")} | {
    name: unbound.args[0]
    for form in (CallForm, TextForm)
    for name, unbound in vars(form).items()
    if isinstance(unbound, UnboundField) and unbound.args
}
