"""An editor: a form for what is not in a language, and beside it one for the words of each language."""

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from flask_babel import gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form
from wtforms.fields.core import UnboundField

from petition.forms.written import language_choices
from petition.lib import languages

Typed = MultiDict[str, str]
Main = TypeVar("Main", bound=FlaskForm)
Text = TypeVar("Text", bound=Form)


class Editor(Generic[Main, Text]):
    """The forms of a thing that has words in several languages; ``errors`` are of no one field.

    ``main`` has the fields ``base``, the revision from which the editor began, and ``language``, one of ``texts``.
    """

    def __init__(self, main: Main, codes: list[str], new_text: Callable[[str], Text]) -> None:
        self.main, self._new_text = main, new_text
        known = [code for code in dict.fromkeys(codes) if code in languages.ENDONYMS]
        self.errors = [
            gettext("“%(code)s” is not one of the languages of the European Union.", code=code[:20])
            for code in codes
            if code not in languages.ENDONYMS
        ]
        self.texts = {code: new_text(code) for code in known or [main.language.data]}
        self._offer_languages()

    def press(self, button: str, code: str) -> None:
        """Do what a button asks of the form: "add" and "remove" a language; the last one stays."""
        if button == "add" and code not in languages.ENDONYMS:
            self.errors.append(gettext("Please choose a language from the list."))
        elif button == "add":
            self.texts.setdefault(code, self._new_text(code))
        elif button == "remove" and len(self.texts) > 1:
            self.texts.pop(code, None)
        self._offer_languages()

    def fields(self) -> Iterator[tuple[str, Field]]:
        """Give each field with the code of its language, which is empty for what is not in a language."""
        yield from (("", field) for field in self.main)
        for code, text in self.texts.items():
            yield from ((code, field) for field in self.fields_of(text))

    def fields_of(self, text: Text) -> Iterator[Field]:
        """Give the fields of one language."""
        yield from text

    def validate(self) -> bool:
        """Check the shape of everything."""
        return all([self.main.validate(), *(text.validate() for text in self.texts.values()), not self.errors])

    @property
    def base(self) -> int:
        """The number of the revision from which the editor began; 0 for what is no number."""
        typed = str(self.main.base.data)
        return int(typed) if typed.isdecimal() and len(typed) < 10 else 0

    @property
    def faults(self) -> list[tuple[str, Field]]:
        """The fields with errors, each with its language."""
        return [(code, field) for code, field in self.fields() if field.errors]

    @property
    def other_languages(self) -> list[str]:
        """The languages that can be added."""
        return [code for code in languages.ENDONYMS if code not in self.texts]

    def sentences(self) -> list[str]:
        """Return what is to be mended, each with the name of its field."""
        return [*self.errors, *(f"{field.label.text}: {field.errors[0]}" for _code, field in self.faults)]

    def _offer_languages(self) -> None:
        """Let the main language be one of those that are there."""
        self.main.language.choices = language_choices(self.texts)
        if self.main.language.data not in self.texts:
            self.main.language.data = next(iter(self.texts))


def languages_in(typed: Typed | None, before: Mapping[str, object]) -> list[str]:
    """Return the codes that a form names, or else those that were there before."""
    return (typed.getlist("languages") if typed else []) or list(before)


def labels(*forms: type[Form]) -> dict[str, str]:
    """Return what the fields of forms are called, by their names."""
    return {
        name: unbound.args[0]
        for form in forms
        for name, unbound in vars(form).items()
        if isinstance(unbound, UnboundField) and unbound.args
    }
