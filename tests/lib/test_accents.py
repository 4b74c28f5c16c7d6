"""One list of accents for the style sheet, the letters and the badge."""

import re

import pytest

from petition.lib import accents

# The grounds of static/css/tokens.css.
LIGHT, DARK = ("#f4f3ef", "#fffefc", "#e9e7e0"), ("#151514", "#1e1e1c", "#2f2e2a")


def luminance(colour: str) -> float:
    """Return the relative luminance as WCAG defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", accents.ACCENTS)
def test_an_accent_can_be_read_on_every_ground_and_carries_text(name: str) -> None:
    light, dark = accents.get(name)

    assert min(contrast(light, ground) for ground in (*LIGHT, "#ffffff")) >= 4.5
    assert min(contrast(dark, ground) for ground in DARK) >= 4.5


def test_the_style_sheet_has_both_colours_of_each_accent() -> None:
    light, dark = accents.style_sheet().split("@media (prefers-color-scheme: dark)")

    for name, accent in accents.ACCENTS.items():
        assert re.search(rf'\[data-accent="{name}"\] {{ --accent: {accent.light}; }}', light)
        assert re.search(rf'\[data-accent="{name}"\] {{ --accent: {accent.dark}; }}', dark)


def test_an_unknown_accent_is_the_default() -> None:
    assert accents.get("no such") == accents.get(accents.DEFAULT)
