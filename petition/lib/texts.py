"""Text as people type and paste it: repaired where the meaning is clear, and what can never be shown.

No rule asks whether a code point is assigned: people's phones know newer emoji and letters than Python does.
"""

import re
import unicodedata

# Marks that show nothing: soft hyphen, direction marks, fillers, zero width, byte order (Default_Ignorable_Code_Point).
_INVISIBLE = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\u2065\u3164\ufeff\uffa0"
    "\ufff0\ufff1\ufff2\ufff3\ufff4\ufff5\ufff6\ufff7\ufff8"
)
_JOINERS = "\u200c\u200d"
# What may not stand at an end; the Braille blank and the Mongolian vowel separator look like spaces.
_BLANK = " \t\n\u00a0\u180e\u2800\u3000" + _JOINERS + _INVISIBLE
_VIRAMA = 9  # the canonical combining class of what joins Indic consonants; a joiner after it changes the letter

# So many marks may stand on one letter. Pointed Hebrew with accents needs five, Arabic and Vietnamese fewer; Unicode's
# own limit for streams is thirty, and a pile of those covers the lines around it.
_MOST_MARKS = 5

# Controls, surrogates, private use, bidi overrides, embeddings and isolates, annotations, tags, and noncharacters.
_NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef"
    f"\ufff9-\ufffb\U000e0000-\U000e007f\U000f0000-\U0010ffff{_NONCHARACTERS}]"
)
# The flags of England, Scotland, Wales and others are a black flag with tags.
_TAG_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f")


def line(text: str) -> str:
    """Return a text as one line in Unicode NFC: white space is one space, invisible marks are gone.

    The joiners that Persian and Indic words need stay, but not at an end.
    """
    plain = unicodedata.normalize("NFC", re.sub(f"[{_INVISIBLE}]", "", text))
    return trim(re.sub(r"[ \t\r\n\u2028\u2029\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+", " ", plain))


def paragraphs(text: str) -> str:
    """Return a text of several lines in Unicode NFC: lines end in ``\\n``, and runs of spaces are one."""
    plain = re.sub(r"\r\n?|[\u2028\u2029]", "\n", unicodedata.normalize("NFC", text).replace("\ufeff", ""))
    return trim(re.sub(r" {2,}", " ", plain))


def trim(text: str) -> str:
    """Return a text without what shows nothing at its ends."""
    begun = text.lstrip(_BLANK)
    core = begun.rstrip(_BLANK)
    after = begun[len(core) : len(core) + 1]
    is_part = after and after in _JOINERS and unicodedata.combining(core[-1:] or " ") == _VIRAMA
    return core + after if is_part else core


def has_unshowable(text: str) -> bool:
    """Whether a text has controls other than tabs and line feeds, bidi overrides, noncharacters, or hidden tags."""
    return bool(_UNSHOWABLE.search(_TAG_FLAG.sub("", text)))


def has_piled_marks(text: str) -> bool:
    """Whether more marks stand on one letter than any language needs; what shows nothing in between does not count."""
    marks = 0
    for kind in map(unicodedata.category, unicodedata.normalize("NFC", text)):
        if kind in {"Mn", "Me"}:
            marks += 1
            if marks > _MOST_MARKS:
                return True
        elif kind != "Cf":
            marks = 0
    return False


def printable(text: str) -> str:
    """Return a text without what cannot be shown; what is left may stand in XML."""
    return _UNSHOWABLE.sub("", text)


def fold(text: str) -> str:
    """Return only the letters and digits of a text, in one spelling: equal for texts that say the same."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
