"""Names as people write them, and what is not a name."""

import re
import unicodedata

LONGEST = 80
_URL = re.compile(
    r"://|\bwww\.|\b[\w-]+\.(?:[a-z]{2,}/|(?:com|net|org|info|biz|eu|io|ru|cn|xyz|top|shop|site|online)\b)",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """Return the text in Unicode NFC, with runs of spaces as one space and none at the ends."""
    return re.sub(r" {2,}", " ", unicodedata.normalize("NFC", text).strip(" "))


def has_controls(text: str, *, allow: str = "") -> bool:
    """Whether there are control, bidi-override, unassigned or surrogate characters, or line breaks."""
    # Cf holds the bidi overrides, and also the two joiners that Persian and Indic names need.
    return any(
        unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        for letter in text
        if letter not in allow + "\u200c\u200d"
    )


def has_letter(text: str) -> bool:
    """Whether anything in the text can be read as a name."""
    return any(unicodedata.category(letter)[0] == "L" for letter in text)


def has_url(text: str) -> bool:
    """Whether the text carries a web address."""
    return bool(_URL.search(text))


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text when an export is opened."""
    return text.startswith(("=", "+", "-", "@"))


def short(name: str) -> str:
    """Return the first name and the initial of the last: ``Ada L.``."""
    first, *others = name.split()
    return f"{first} {others[-1][0]}." if others else first
