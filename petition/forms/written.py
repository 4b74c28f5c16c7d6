"""What people write: checks of lines, texts, addresses and moments that their forms share."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from wtforms import Field, Form, SelectField, ValidationError
from wtforms.widgets import ListWidget, RadioInput

from petition import terms
from petition.lib import countries, languages, markdown, texts

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


class Line:
    """Repairs what was pasted into one line, and checks that it can be shown and has up to ``most`` characters."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.field_flags = {"maxlength": most}

    def __call__(self, form: Form, field: Field) -> None:
        field.data = texts.line(field.data or "")
        _refuse_unshowable(field)
        _refuse_long(field, self.most)


class Paragraphs:
    """The same for a text of several lines."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: Form, field: Field) -> None:
        field.data = texts.paragraphs(field.data or "")
        _refuse_unshowable(field)
        _refuse_long(field, self.most)


class Markdown:
    """Checks a long text before anybody renders it; its line ends become ``\\n``, its spaces stay."""

    def __call__(self, form: Form, field: Field) -> None:
        field.data = (field.data or "").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
        if markdown.is_too_long(field.data):
            raise ValidationError(
                _(
                    "Please shorten this text: it has %(bytes)s bytes, and there is room for %(most)s.",
                    bytes=len(field.data.encode()),
                    most=markdown.MAX_BYTES,
                )
            )
        _refuse_unshowable(field)


class WebAddress:
    """Checks for the URL of a page; one without a scheme gets https."""

    def __call__(self, form: Form, field: Field) -> None:
        url = texts.line(field.data or "")
        if url and "://" not in url and "." in url.partition("/")[0]:
            url = f"https://{url}"
        field.data = url
        if url and (not _is_page(url) or len(url) > terms.LINK_LENGTH):
            raise ValidationError(_("Please write a web address that begins with https://."))


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False
    return has_host and parts.scheme in {"https", "http"} and " " not in url and not texts.has_unshowable(url)


class Slug:
    """Checks for the last part of an address of ours that is none of the form's ``reserved`` words."""

    def __call__(self, form: Form, field: Field) -> None:
        field.data = texts.line(field.data or "").lower()
        if not _SLUG.fullmatch(field.data):
            raise ValidationError(_("Please use a to z, digits and hyphens only, such as keep-culture-open."))
        if field.data in getattr(form, "reserved", ()):
            raise ValidationError(_("This address is used by the site itself. Please choose another."))


class Hashtag:
    """Checks for one word behind a #, which need not be typed."""

    field_flags = {"maxlength": 60}  # noqa: RUF012 - WTForms reads it as it stands

    def __call__(self, form: Form, field: Field) -> None:
        word = texts.line(field.data or "").lstrip("#")
        field.data = f"#{word}" if word else ""
        if word and (not re.fullmatch(r"\w{1,59}", word) or word.isdecimal()):
            raise ValidationError(_("Please write one word without spaces or signs, such as #AllezCulture."))


class Contact:
    """Checks for an e-mail address or the https address of a page."""

    def __call__(self, form: Form, field: Field) -> None:
        text = field.data = texts.line(field.data or "")
        is_page = text.startswith("https://") and " " not in text
        if text and not is_page and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
            raise ValidationError(_("Please write an e-mail address, or a web address that begins with https://."))
        _refuse_long(field, 300)


_NOT_IN_LIST = _("Please choose from the list.")


class ChoiceField(SelectField):
    """A list to choose from; ``sentence`` is said of what is not in it, ``is_open`` shows all choices at once."""

    def __init__(
        self,
        label: Any,
        choices: Iterable[tuple[str, Any]] = (),
        *,
        sentence: Any = _NOT_IN_LIST,
        is_open: bool = False,
        is_required: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs, **(_RADIO if is_open else {}))
        self.flags.required = is_required
        self.choices, self.sentence = list(choices), sentence

    def pre_validate(self, form: Any) -> None:
        """Raise for what is not in the list."""
        if self.data not in {choice[0] for choice in self.choices or ()}:
            raise ValidationError(self.sentence)


_RADIO: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": RadioInput()}


def language_field(label: Any, choices: Iterable[tuple[str, Any]] = (), **kwargs: Any) -> Any:
    """Return a list of languages."""
    return ChoiceField(label, choices, **kwargs, sentence=_("Please choose a language from the list."))


def language_choices(known: Iterable[str] = languages.ENDONYMS) -> list[tuple[str, Any]]:
    """Return languages with their own names, to choose from."""
    return [(code, languages.ENDONYMS[code]) for code in known]


def country_choices(language: str) -> list[tuple[str, Any]]:
    """Return countries to choose from, and none."""
    return [("", _("None")), *countries.names(language).items()]


def _refuse_unshowable(field: Field) -> None:
    if texts.has_unshowable(field.data):
        raise ValidationError(_("This text contains a character that cannot be shown."))
    if texts.has_piled_marks(field.data):
        raise ValidationError(_("Please use fewer accents: too many marks are piled on one letter."))


def _refuse_long(field: Field, most: int) -> None:
    if len(field.data) > most:
        raise ValidationError(_("Please shorten this text to %(most)s characters.", most=most))
