"""Sets words as a picture, with fonts that come as packages: no system font, no network."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import typst
from PIL import ImageFont

_FONTS = [
    Path(spec.origin).parent
    for spec in map(find_spec, ("fontpkg_source_sans_3", "fontpkg_source_serif_4"))
    if spec and spec.origin
]


def png(template: Path, data: str) -> bytes:
    """Return a Typst template as a PNG of one pixel a point; it finds ``data``, which is JSON, in ``sys.inputs.data``.

    The template reads files of its own folder only. Raises typst.TypstError for a faulty template.
    """
    return typst.compile(
        template,
        root=template.parent,
        font_paths=_FONTS,
        ignore_system_fonts=True,
        format="png",
        ppi=72,
        sys_inputs={"data": data},
    )


def printable(text: str) -> str:
    """Return a text without what the fonts do not have: emoji, symbols, and what cannot be seen."""
    return "".join(c for c in text if unicodedata.category(c) not in {"So", "Sk", "Cf", "Cc", "Cn", "Co", "Cs"})


# What a text is longer than never fits a card; it is cut before it is looked at.
_MOST = 600
# A character that the font lacks is drawn as the same box as this one, which no font has.
_MISSING = "\U0010fffd"
_SIZE = 16
# More marks on one letter than any of these scripts write.
_PILE = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3}")
_UNSEEN = re.compile(r"[\ufe00-\ufe0f\u20e3]")


def shown(text: str) -> str:
    """Return as much of a text as a card may have room for, without symbols that the font lacks, as of emoji.

    Returns '' where it lacks a letter, where marks are piled on one, or where no letter and no figure is left. Lines
    stay, empty ones do not. At most 600 characters, cut after a word.
    """
    start = unicodedata.normalize("NFC", text[: 4 * _MOST])
    lines = [" ".join(_drawn(line).split()) for line in start.splitlines()]
    kept = "\n".join(line for line in lines if line)
    if _PILE.search(kept) or not all(c.isspace() or _has(c) for c in kept) or not any(map(str.isalnum, kept)):
        return ""
    return kept if len(kept) <= _MOST else kept[: max(kept.rfind(" ", 0, _MOST), 0) or _MOST] + " …"


def _drawn(line: str) -> str:
    seen = (c for c in _UNSEEN.sub("", line) if c == "\t" or unicodedata.category(c)[0] != "C")
    return "".join(c for c in seen if unicodedata.category(c)[0] != "S" or _has(c))


@cache
def _serif() -> ImageFont.FreeTypeFont:
    (file,) = (found for folder in _FONTS for found in folder.rglob("SourceSerif4[[]*.ttf"))
    return ImageFont.truetype(str(file), _SIZE)


@lru_cache(maxsize=4096)
def _has(char: str) -> bool:
    mask = _serif().getmask
    return bytes(mask(char)) != bytes(mask(_MISSING))
