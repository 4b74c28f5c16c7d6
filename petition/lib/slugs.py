"""Names of things in addresses, made from their titles."""

import re
import unicodedata

MOST_LETTERS = 60

# Two alphabets of the Union are not Latin; Bulgarian by its law of 2009, Greek by ISO 843 without its accents.
_LATIN = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфхь", "abvgdeziyklmnoprstufhy", strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ъ": "a", "ю": "yu", "я": "ya"}
    | dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
    | {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "þ": "th"}
)


def propose(title: str) -> str:
    """Return a name in a-z, 0-9 and hyphens of up to 60 letters, cut between words; empty for a title without any."""
    plain = unicodedata.normalize("NFC", title.casefold()).translate(_LATIN)
    bare = unicodedata.normalize("NFKD", plain).translate(_LATIN).encode("ascii", "ignore").decode()
    words = re.sub(r"['’]", "", bare)
    name = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    if len(name) <= MOST_LETTERS:
        return name
    return name[: MOST_LETTERS + 1].rpartition("-")[0].strip("-") or name[:MOST_LETTERS]
