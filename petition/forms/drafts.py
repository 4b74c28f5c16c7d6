"""The editor of a call: what is not in a language, and the words of each language, as one form."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import DateTimeLocalInput

from petition.forms.calls import KINDS
from petition.forms.editors import Editor, Typed, labels, languages_in
from petition.forms.written import ChoiceField, Line, Markdown, Paragraphs, Slug, WebAddress, language_field
from petition.lib import clock, local_times
from petition.lib.local_times import NoSuchTime, TimeComesTwice
from petition.models import AddresseeContent, CallContent, TextContent, empty_text

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
    kind = ChoiceField(_("Kind"), [("institution", _("Institution")), ("person", _("Person"))], default="institution")
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

    base = HiddenField("")
    kind = ChoiceField(_("Kind"), KINDS)
    slug = StringField(_("Address"), [Slug()])
    language = language_field(_("Main language"))
    hashtag = StringField(_("Hashtag"), [Line(60)])
    opens_at = StringField(_("Opens"), widget=DateTimeLocalInput())
    opens_which = ChoiceField(_("Which of the two?"), _WHICH)
    closes_at = StringField(_("Closes"), widget=DateTimeLocalInput())
    closes_which = ChoiceField(_("Which of the two?"), _WHICH)
    goal = IntegerField(_("Goal"), [Optional(), NumberRange(1, _MOST_SIGNATURES, _RANGE)])
    partner_reported = IntegerField(
        _("Signatures that partners reported"), [Optional(), NumberRange(0, _MOST_SIGNATURES, _RANGE)]
    )

    def __init__(
        self,
        typed: Typed | None,
        content: CallContent,
        *,
        base: int,
        zone: str,
        reserved: set[str],
        kind_stays: bool = False,
    ) -> None:
        moments = {name: _moment(content[f"{name}_at"]) for name in ("opens", "closes")}  # type: ignore[literal-required]
        values: dict[str, Any] = {**content, "base": base}
        for name, moment in moments.items():
            values[f"{name}_at"] = local_times.shown(moment, zone) if moment else ""
            values[f"{name}_which"] = local_times.which(moment, zone) if moment else ""
        super().__init__(typed, data=values)
        self.zone, self.reserved, self.kind_stays = zone, reserved, kind_stays
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


class CallEditor(Editor[CallForm, TextForm]):
    """The editor of a call, from what was typed or else from a draft; ``more`` names a language with one more row."""

    def __init__(self, main: CallForm, typed: Typed | None, before: CallContent, *, more: str = "") -> None:
        self._before = before
        if main.kind_stays:
            main.kind.data = before["kind"]

        def new_text(code: str) -> TextForm:
            return TextForm(code, typed, before["texts"].get(code, empty_text()), has_more=code == more)

        super().__init__(main, languages_in(typed, before["texts"]), new_text)

    def fields_of(self, text: TextForm) -> Iterator[Field]:
        """Give the fields of one language, those of its addressees too."""
        yield from text
        for addressee in text.addressees:
            yield from addressee

    def content(self) -> CallContent:
        """Return the draft that was typed, once it is valid."""
        form = self.main
        moments = {f"{name}_at": moment and moment.isoformat() for name, moment in form.moments.items()}
        values = {name: form[name].data for name in ("slug", "kind", "language", "hashtag", "goal")}
        return cast(
            "CallContent",
            {
                **values,
                **moments,
                "picture_id": self._before["picture_id"],
                "partner_reported": form.partner_reported.data or 0,
                "texts": {code: text.content() for code, text in self.texts.items()},
            },
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _add_error(field: Field, sentence: Any) -> None:
    field.errors = [*field.errors, sentence]


# What fields are called, by their names.
LABELS = labels(CallForm, TextForm) | {"addressees": _("Addressees")}
