"""Every sentence of the interface stands in every language."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from petition.lib.languages import INTERFACE

NUMBER = re.compile(
    r"\b(\d+|one|two|three|five|seven|eight|ten|twelve|thirty|sept|huit|sieben|acht|zwölf|dreißig)\W"
    r"(days?|hours?|characters|jours?|heures?|caractères|tage?n?|stunden?|zeichen)\b",
    re.IGNORECASE,
)

ROOT = Path(__file__).parent.parent
METHODS = [("petition/**.py", "python"), ("templates/**", "jinja2")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Give all sentences that stand in the code and in the templates."""
    found = extract_from_dir(ROOT, method_map=METHODS, keywords=KEYWORDS, comment_tags=())
    return {message[0] if isinstance(message, tuple) else message for _file, _line, message, *_rest in found}


def _catalog(language: str) -> list[Message]:
    path = ROOT / "petition" / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def _forms(message: Message) -> list[tuple[str, str]]:
    """Return pairs of what is said in English and in the other language."""
    if isinstance(message.id, tuple):
        return [(str(message.id[1]), string) for string in message.string or ()]
    return [(str(message.id), str(message.string or ""))]


@pytest.mark.parametrize("language", INTERFACE[1:])
def test_every_sentence_is_translated_and_none_is_left_over(language: str, sentences: set[str]) -> None:
    catalog = _catalog(language)

    assert {message.id[0] if isinstance(message.id, tuple) else message.id for message in catalog} == sentences
    assert [
        message.id for message in catalog if message.fuzzy or not all(said for _english, said in _forms(message))
    ] == []


@pytest.mark.parametrize("language", INTERFACE[1:])
def test_translations_keep_the_places_for_names_and_numbers(language: str) -> None:
    for message in _catalog(language):
        for english, said in _forms(message):
            if english:
                assert sorted(set(re.findall(r"%\(\w+\)s", said))) == sorted(set(re.findall(r"%\(\w+\)s", english))), (
                    english
                )


@pytest.mark.parametrize("language", INTERFACE[1:])
def test_numbers_come_from_the_terms_into_the_sentences(language: str) -> None:
    pairs = [pair for message in _catalog(language) for pair in _forms(message)]

    assert [pair for pair in pairs if NUMBER.search(pair[0]) or NUMBER.search(pair[1])] == []


def test_french_has_narrow_spaces_that_do_not_break() -> None:
    said = [string for message in _catalog("fr") for _english, string in _forms(message)]

    assert [string for string in said if re.search(r"[ \u00a0][:;!?»]|\w[;!?»]|«[^\u202f]|'", string)] == []


def test_people_read_e_mail_where_the_code_says_letter(sentences: set[str]) -> None:
    # Names and addresses are made of letters too.
    letter = re.compile(r"(?<!e-)\bmails?\b|\bletters?\b(?! only| before|\.)", re.IGNORECASE)

    assert [sentence for sentence in sentences if letter.search(sentence)] == []
