"""What in a text asks for a second look before it is shown: words of a list, e-mail addresses, links, phone numbers.

All of it only holds a text: a person decides.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from petition.lib import names, texts

WORD, EMAIL, LINK, PHONE = "word", "email", "link", "phone"

_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"(?<![\d./-])(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})(?![\d/-]|\.\d)")
_DIGITS = re.compile(r"(?<!\w)[+(]?\d[\d ().\u2010-\u2015/-]*\d(?!\w)")
# Numbers of telephones have at most 15 digits (ITU-T E.164), in Europe at least 7 where they are dialled with a zero;
# others are years, sums and numbers of laws until they are as long as this.
_FEWEST_DIALLED, _FEWEST, _MOST = 7, 9, 15


def reason(parts: Iterable[str], words: Collection[str]) -> str | None:
    """Return why a text of several parts is held, as one of the four words above, or None.

    ``words`` are held where they stand whole, whatever their case and accents; a phrase is held as it is.
    """
    plain = [texts.line(part) for part in parts]
    if found(plain, words):
        return WORD
    for word, is_in in ((EMAIL, names.has_email), (LINK, names.has_url), (PHONE, has_phone_number)):
        if any(is_in(part) for part in plain):
            return word
    return None


def found(parts: Iterable[str], words: Collection[str]) -> list[str]:
    """Return those words of a list that stand in a text of several parts."""
    if not words:
        return []
    spoken = [_spoken(part) for part in parts]
    return [word for word in words if (sought := _spoken(word)).strip() and any(sought in text for text in spoken)]


def has_phone_number(text: str) -> bool:
    """Whether a text carries what can be dialled; dates, years and small sums are no numbers of telephones."""
    for match in _DIGITS.finditer(_DATE.sub(" ", unicodedata.normalize("NFKC", text))):
        digits = sum(character.isdigit() for character in match[0])
        is_dialled = match[0].lstrip("(").startswith(("+", "0"))
        if (_FEWEST_DIALLED if is_dialled else _FEWEST) <= digits <= _MOST:
            return True
    return False


def _spoken(text: str) -> str:
    """Return the words of a text between single spaces, without case and accents."""
    letters = (char for char in unicodedata.normalize("NFKD", texts.line(text)) if not unicodedata.combining(char))
    return f" {' '.join(_WORD.findall(''.join(letters).casefold()))} "
