"""The accents that campaigns choose from; style sheet, letters and badge read them here."""

from typing import NamedTuple


class Accent(NamedTuple):
    """Two colours as ``#rrggbb``: one for text on light ground, one for dark ground; both with a contrast of 4.5:1."""

    light: str
    dark: str


DEFAULT = "ink"

ACCENTS = {
    DEFAULT: Accent("#2a3f6b", "#a9c0f0"),
    "rust": Accent("#9b3a17", "#f2a080"),
    "sea": Accent("#0b5a6b", "#7ecbdc"),
    "moss": Accent("#3f5d22", "#acd088"),
    "plum": Accent("#7a2c60", "#e8a6d0"),
    "poppy": Accent("#b3152d", "#ff8fa3"),
    "ochre": Accent("#7a5200", "#e3b95c"),
    "violet": Accent("#5b35a8", "#c3adf7"),
    "cobalt": Accent("#0f55c4", "#6ea8ff"),
    "jade": Accent("#0a6b4a", "#5fd6a6"),
    "cocoa": Accent("#5a4033", "#cdb09f"),
    "slate": Accent("#5a5d63", "#c2c7cd"),
}


def get(name: str) -> Accent:
    """Return an accent by name; the default for an unknown one."""
    return ACCENTS.get(name, ACCENTS[DEFAULT])


def style_sheet() -> str:
    """Return CSS that sets ``--accent`` for the page, and below each element with ``data-accent``."""
    light, dark = (
        "\n".join(f"{_selector(name)} {{ --accent: {accent[theme]}; }}" for name, accent in ACCENTS.items())
        for theme in (0, 1)
    )
    return f"@layer tokens {{\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n}}\n"


def _selector(name: str) -> str:
    return f':root, [data-accent="{name}"]' if name == DEFAULT else f'[data-accent="{name}"]'
