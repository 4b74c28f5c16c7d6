"""What each kind of call asks its supporters to tell, and the one table of kinds.

A kind is a form here, a part of a template, and a row of ``KINDS``; nothing else asks which kind a call is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from wtforms import BooleanField, DateField, Form, IntegerField, StringField, TextAreaField, URLField, ValidationError
from wtforms.validators import DataRequired, NumberRange, Optional

from petition import terms
from petition.forms.items import ItemField
from petition.forms.people import PersonName, strip
from petition.forms.written import ChoiceField, Line, Paragraphs, WebAddress, language_choices
from petition.lib import europeana_records, languages
from petition.models import CallKind, StoryLicence, StoryWords

LICENCE_NAMES = {
    StoryLicence.CC_BY: _("CC BY 4.0: use it, and name me"),
    StoryLicence.CC_BY_SA: _("CC BY-SA 4.0: use it, name me, and share alike"),
    StoryLicence.CC0: _("CC0: use it freely"),
    StoryLicence.HERE_ONLY: _("Show it on this site only"),
}
LANGUAGES = language_choices()


class _Choice(ChoiceField):
    """A choice that may be left open, where the form does not ask for it itself."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            super().pre_validate(form)


class _Day(DateField):
    """A day, kept as ``2026-11-26``."""

    def process_data(self, value: Any) -> None:
        self.data = date.fromisoformat(value) if isinstance(value, str) and value else value


class StoryFields(Form):
    """What all kinds ask for: the text and its language, and whether and how it may be published.

    ``DETAILS`` names the fields that only this kind has, in the order in which they are shown; ``IS_OPTIONAL`` says
    that one may sign without.
    """

    DETAILS: ClassVar[tuple[str, ...]] = ()
    IS_OPTIONAL: ClassVar[bool] = False

    story: Any
    story_language = _Choice(_("Language of your text"), LANGUAGES)
    # The wording of the consent is legal text: models.PUBLISH_VERSION changes with it.
    publish = BooleanField(
        _("You may publish this. I wrote it myself, I am 16 or older, and it tells nothing private about anybody.")
    )
    licence = _Choice(_("What others may do with it"), LICENCE_NAMES.items(), is_open=True)
    credit = StringField(
        _("Name beside the text"),
        [Optional(), PersonName()],
        filters=[strip],
        render_kw={"maxlength": terms.NAME_LENGTH},
    )
    tell_me = BooleanField(
        _(
            "Tell me by e-mail what was decided. You forget my address then, after %(days)s days at most.",
            days=terms.DECISION_DAYS,
        )
    )

    def validate_licence(self, field: ChoiceField) -> None:
        """Ask for a licence where something is to be published."""
        if self.publish.data and self.story.data and not field.data:
            raise ValidationError(_("Please choose what others may do with your text; none is chosen for you."))

    def words(self, kind: CallKind, language: str) -> StoryWords | None:
        """Return what was told, or None; without consent nothing is kept of a licence or a name."""
        if not self.story.data:
            return None
        may_publish = bool(self.publish.data)
        values = {name: self[name].data for name in self.DETAILS}
        return StoryWords(
            kind=kind,
            language=self.story_language.data or language,
            text=self.story.data,
            details={name: _plain(value) for name, value in values.items() if value not in {None, ""}},
            licence=StoryLicence(self.licence.data) if may_publish else None,
            credit=(self.credit.data or None) if may_publish else None,
            wants_letter=may_publish and bool(self.tell_me.data),
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _needed(sentence: LazyString | None) -> DataRequired | Optional:
    return DataRequired(sentence) if sentence else Optional()


def _text(label: LazyString, most: int, sentence: LazyString | None = None) -> TextAreaField:
    return TextAreaField(label, [Paragraphs(most), _needed(sentence)], filters=[strip], render_kw={"maxlength": most})


def _line(label: LazyString, most: int, sentence: LazyString | None = None) -> StringField:
    return StringField(label, [Line(most), _needed(sentence)], filters=[strip], render_kw={"maxlength": most})


def _link(label: LazyString) -> URLField:
    return URLField(label, [Optional(), WebAddress()], filters=[strip], render_kw={"maxlength": terms.LINK_LENGTH})


class ReasonFields(StoryFields):
    """Why somebody signs a petition, if they like to say."""

    IS_OPTIONAL = True

    story = _text(_("Your reason"), terms.STORY_LENGTH)


class DreamFields(StoryFields):
    """How somebody imagines the future."""

    DETAILS = ("horizon_year", "affiliation", "video")

    story = _text(_("Your dream"), terms.DREAM_LENGTH, _("Please tell us your dream."))
    horizon_year = IntegerField(
        _("In which year?"), [Optional(), NumberRange(2000, 2200, _("Please write a year from 2000 to 2200."))]
    )
    affiliation = _line(_("Where you work or belong"), terms.LINE_LENGTH)
    video = _link(_("Link to a video"))


class HeroFields(StoryFields):
    """Whom or what of cultural heritage somebody admires, and why."""

    DETAILS = ("hero", "item", "tagline")

    hero = _line(
        _("Your hero, heroine or object"),
        terms.LINE_LENGTH,
        _("Please name a person or an object, or paste its address at Europeana."),
    )
    item = ItemField(_("At Europeana"))
    story = _text(_("Why?"), terms.HERO_LENGTH, _("Please say why."))
    tagline = _line(_("I am …"), terms.TAGLINE_LENGTH)

    def validate_item(self, field: ItemField) -> None:
        """Understand an address at Europeana that was pasted in the place of a name."""
        field.data = field.data or europeana_records.find_id(self.hero.data or "") or ""


class PracticeFields(StoryFields):
    """What somebody did with culture, and for whom it was good."""

    DETAILS = ("beneficiaries", "argument", "sector", "organisation", "evidence", "done_on")

    story = _text(_("What was done?"), terms.DREAM_LENGTH, _("Please tell us what was done."))
    beneficiaries = _line(_("Who benefited?"), terms.LINE_LENGTH, _("Please say who benefited."))
    argument = ChoiceField(
        _("What does it show?"),
        {
            "growth": _("Culture lets the economy grow"),
            "connects": _("Culture connects people"),
            "open": _("Culture is open to all"),
        }.items(),
        sentence=_("Please choose what it shows."),
        is_open=True,
        is_required=True,
    )
    sector = _Choice(
        _("Sector"),
        {
            "": _("Prefer not to say"),
            "museum": _("Museum"),
            "library": _("Library"),
            "archive": _("Archive"),
            "education": _("School or university"),
            "research": _("Research"),
            "creative": _("Creative industry"),
            "tourism": _("Tourism"),
            "public": _("Public body"),
            "civil": _("Association or volunteers"),
            "other": _("Other"),
        }.items(),
    )
    organisation = _line(_("Organisation"), terms.LINE_LENGTH)
    evidence = _link(_("Link to the evidence"))
    done_on = _Day(_("When?"), [Optional()])


@dataclass(frozen=True)
class StoryKind:
    """What a kind of call asks for: its fields, the part of the form that shows them, its words and schema.org type."""

    fields: type[StoryFields]
    template: str
    label: LazyString
    own: LazyString
    heading: LazyString
    button: LazyString
    schema_type: str = "CreativeWork"


KINDS = {
    CallKind.PETITION: StoryKind(
        ReasonFields,
        "stories/_reason.html",
        _("Reason"),
        _("Your reason"),
        _("Sign this petition"),
        _("Sign"),
        schema_type="Comment",
    ),
    CallKind.DREAM: StoryKind(
        DreamFields, "stories/_dream.html", _("Dream"), _("Your dream"), _("Tell your dream"), _("Sign and tell it")
    ),
    CallKind.HERO: StoryKind(
        HeroFields, "stories/_hero.html", _("Why"), _("Your hero"), _("Name your hero"), _("Sign and tell it")
    ),
    CallKind.PRACTICE: StoryKind(
        PracticeFields,
        "stories/_practice.html",
        _("What was done"),
        _("Your good practice"),
        _("Tell what works"),
        _("Sign and tell it"),
    ),
}

# Every name that a field of any kind has; forms keep them when they come back.
FIELD_NAMES = tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.fields()._fields))


@cache
def with_story(form: type[Form], kind: CallKind) -> type[Any]:
    """Return a form that asks for what a kind of call asks too; the same class each time."""
    return type(form.__name__, (form, KINDS[kind].fields), {"story_kind": KINDS[kind], "kind_of_call": kind})


def filled(words: StoryWords | None) -> dict[str, Any]:
    """Return what fills the fields with an author's words."""
    if words is None:
        return {}
    return dict(
        words.details,
        story=words.text,
        story_language=words.language,
        publish=words.licence is not None,
        licence=words.licence,
        credit=words.credit,
        tell_me=words.wants_letter,
    )


class Detail(NamedTuple):
    """One field of a kind as it is shown: a label and a text; of a link the text is the host."""

    name: str
    label: str
    text: str
    url: str = ""


def details_of(kind: CallKind, details: Mapping[str, Any]) -> list[Detail]:
    """Return what was filled in of a kind's own fields, in the order of the form."""
    fields = KINDS[kind].fields(data=dict(details))
    return [_detail(fields[name], details[name]) for name in fields.DETAILS if name in details]


def _detail(field: Any, value: Any) -> Detail:
    if isinstance(field, ItemField):
        url = europeana_records.page_url(value)
        return Detail(field.name, field.label.text, url.removeprefix("https://www."), url)
    if isinstance(field, URLField):
        return Detail(field.name, field.label.text, urlsplit(value).hostname or value, value)
    if isinstance(field, DateField):
        return Detail(
            field.name, field.label.text, format_date(field.data, "long", languages.locale(str(get_locale())))
        )
    names: dict[Any, Any] = dict(field.choices or ()) if isinstance(field, ChoiceField) else {}  # type: ignore[arg-type]
    return Detail(field.name, field.label.text, str(names.get(value, value)))
