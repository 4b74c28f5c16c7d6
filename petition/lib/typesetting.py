"""Sets words as a picture, with fonts that come as packages: no system font, no network."""

import unicodedata
from importlib.util import find_spec
from pathlib import Path

import typst

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
