"""The forms that give a call its picture."""

from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, Form, SelectField, StringField, TextAreaField, URLField, ValidationError
from wtforms.validators import DataRequired, Length

from petition.lib import languages, licences, pictures, texts
from petition.lib.pictures import Refusal

REFUSALS: dict[Refusal, LazyString] = {
    Refusal.EMPTY: _("This file is empty. Please choose the picture again."),
    Refusal.TOO_MANY_BYTES: _(
        "This file has more than %(most)s megabytes. Please save the picture smaller and choose it again.",
        most=pictures.MAX_PICTURE_BYTES // 1_000_000,
    ),
    Refusal.UNKNOWN_FORMAT: _(
        "This file is not a picture in one of the formats JPEG, PNG, WebP and AVIF, whatever its name says."
    ),
    Refusal.TOO_MANY_PIXELS: _(
        "This picture has more than %(most)s megapixels. Please make it smaller and choose it again.",
        most=pictures.MAX_PIXELS // 1_000_000,
    ),
    Refusal.TOO_SMALL: _(
        "This picture is too small: it needs at least %(least)s pixels each way.", least=pictures.MIN_SIDE
    ),
    Refusal.TOO_NARROW: _(
        "This picture is too long and narrow: one side may be at most %(most)s times as long as the other.",
        most=pictures.MAX_RATIO,
    ),
    Refusal.DAMAGED: _("This picture is damaged or incomplete. Please open it, save it again and choose it once more."),
}

BUSY = _("Several pictures came at once, and yours had to wait too long. Please choose it again and try once more.")

CHOOSE_AGAIN = _("Please choose the picture again: browsers do not keep it.")

ALT_LENGTH = 300

_SHORTEN = _("Please shorten this to %(max)d characters.")
_Kind = TypeVar("_Kind", bound="ChooseForm")


class Line:
    """Repairs what was pasted into one line, and checks that all of it can be shown."""

    def __call__(self, form: Form, field: Field) -> None:
        field.data = texts.line(field.data or "")
        if texts.has_unshowable(field.data):
            raise ValidationError(_("This text contains a character that cannot be shown."))


class WebAddress:
    """Checks that what was typed, if anything, is the address of a page."""

    def __call__(self, form: Form, field: Field) -> None:
        url = field.data = texts.line(field.data or "")
        try:
            parts = urlsplit(url)
            is_page = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in url
        except ValueError:
            is_page = False
        if url and (not is_page or texts.has_unshowable(url)):
            raise ValidationError(_("Please check the address: it should begin with https://."))


class ChooseForm(FlaskForm):
    """What a picture shows, in each language of a call; ``alt_fields`` are the fields."""

    languages: tuple[str, ...] = ()

    @property
    def alt_fields(self) -> list[Field]:
        """The fields, in the order of the languages."""
        return [self[f"alt_{language}"] for language in self.languages]

    @property
    def alts(self) -> dict[str, str]:
        """What was typed, by language."""
        return {language: self[f"alt_{language}"].data for language in self.languages}


class UploadForm(ChooseForm):
    """A picture from the organiser's own machine, with whose it is; whether it is one, the route finds out."""

    file = FileField(_("File"), [FileRequired(_("Please choose a picture."))])
    credit = StringField(
        _("Credit"),
        [
            Line(),
            DataRequired(_("Please say who made the picture, or whose it is.")),
            Length(max=200, message=_SHORTEN),
        ],
    )
    licence = SelectField(
        _("Licence"),
        [DataRequired(_("Please choose the licence under which the picture may be shown."))],
    )
    source_url = URLField(
        _("Page the picture comes from"),
        [WebAddress(), Length(max=300, message=_SHORTEN)],
    )


def choose_form(alts: dict[str, str]) -> ChooseForm:
    """Return the form for a picture that is there already; ``alts`` is what the draft says, its own language first."""
    return _with_languages(ChooseForm, alts)


def upload_form(alts: dict[str, str], **options: Any) -> UploadForm:
    """Return the form for a new picture; ``formdata=None`` leaves out what was sent."""
    form = _with_languages(UploadForm, alts, **options)
    form.licence.choices = [
        ("", _("Please choose")),
        *((name, name) for name in licences.LICENCES if name != licences.WITH_PERMISSION),
        (licences.WITH_PERMISSION, _("All rights reserved, used with permission")),
    ]
    return form


def _with_languages(kind: type[_Kind], alts: dict[str, str], **options: Any) -> _Kind:
    fields: dict[str, Any] = {"languages": tuple(alts)}
    for number, (language, alt) in enumerate(alts.items()):
        needed = [] if number else [DataRequired(_("Please say in a few words what the picture shows."))]
        fields[f"alt_{language}"] = TextAreaField(
            _("What the picture shows (%(language)s)", language=languages.ENDONYMS.get(language, language)),
            [Line(), *needed, Length(max=ALT_LENGTH, message=_SHORTEN)],
            default=alt,
        )
    made: _Kind = type(kind.__name__, (kind,), fields)(**options)
    return made
