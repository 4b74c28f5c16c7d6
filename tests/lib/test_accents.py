"""One list of accents for the style sheet, the letters and the badge."""

import re
from email import message_from_bytes, policy
from itertools import combinations
from math import dist
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.config import folder
from petition.forms.accents import ACCENT_NAMES
from petition.jobs.worker import run
from petition.lib import accents
from tests import factories

# The grounds of static/css/tokens.css: wall, paper, wash; letters and cards are on paper or wall.
LIGHT, DARK = ("#f4f3ef", "#fffefc", "#e9e7e0"), ("#151514", "#1e1e1c", "#2f2e2a")
# What stands on an accent: on a button and, by style, on the badge.
ON_LIGHT, ON_DARK = ("#ffffff",), ("#151514", "#1d1a14")


def luminance(colour: str) -> float:
    """Return the relative luminance as WCAG defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lab(colour: str) -> tuple[float, float, float]:
    """Return a colour in CIELAB under D65, where a distance of 2 can just be seen."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", accents.ACCENTS)
def test_an_accent_can_be_read_on_every_ground_and_carries_text(name: str) -> None:
    light, dark = accents.get(name)

    assert min(contrast(light, ground) for ground in (*LIGHT, *ON_LIGHT)) >= 4.5
    assert min(contrast(dark, ground) for ground in (*DARK, *ON_DARK)) >= 4.5


def mixed(colour: str, ground: str, percent: int) -> str:
    """Return what ``color-mix`` in sRGB makes of so much of a colour and the rest of a ground."""
    pairs = ((int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round((one * percent + other * (100 - percent)) / 100):02x}" for one, other in pairs)


@pytest.mark.parametrize("name", accents.ACCENTS)
def test_the_numbers_on_each_shade_of_a_map_can_be_read(name: str) -> None:
    light, dark = accents.get(name)
    css = (folder("static") / "css" / "components" / "charts.css").read_text()
    shades = [int(percent) for percent in re.findall(r"\.shade-\d \{ --shade: color-mix\(.* (\d+)%", css)]
    assert len(shades) == 4

    for accent, wall, ink, on_accent in ((light, LIGHT[0], "#1c1b19", "#ffffff"), (dark, DARK[0], "#ebe8e1", DARK[0])):
        for number, percent in enumerate(shades, start=1):
            text = ink if number <= 3 else on_accent
            assert contrast(text, mixed(accent, wall, percent)) >= 4.5, (number, accent)


def test_the_grounds_are_those_of_the_pages_and_of_the_badge() -> None:
    tokens = (folder("static") / "css" / "tokens.css").read_text()
    badge = (folder("templates") / "counters" / "badge.svg").read_text()

    assert {*LIGHT, *DARK} == {*re.findall(r"--(?:wall|paper|wash): (#[0-9a-f]{6});", tokens)}
    assert re.findall(r"--on-accent: (#[0-9a-f]+);", tokens) == ["#fff", ON_DARK[0]]
    assert f'fill="{{{{ "{ON_DARK[1]}" if dark else "#fff" }}}}"' in badge


def test_there_are_twelve_accents_each_with_a_name_and_none_like_another() -> None:
    assert len(accents.ACCENTS) == 12
    assert accents.ACCENTS.keys() == ACCENT_NAMES.keys()
    for theme in (0, 1):
        colours = [lab(accent[theme]) for accent in accents.ACCENTS.values()]
        assert min(dist(one, other) for one, other in combinations(colours, 2)) >= 18


@pytest.mark.parametrize("name", accents.ACCENTS)
def test_letter_and_badge_are_in_the_accent_of_the_campaign(
    client: FlaskClient, session: Session, tmp_path: Path, name: str
) -> None:
    call = factories.make_call(session)
    call.campaign.accent = name
    session.commit()
    factories.sign(session, call)
    light, dark = accents.get(name)

    run(client.application, once=True)
    (file,) = (tmp_path / "mail").glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default).get_body(("html",))

    assert letter is not None and light in letter.get_content()
    assert light in client.get("/counters/open-culture.svg").text
    assert dark in client.get("/counters/open-culture.svg?style=dark").text


def test_the_style_sheet_has_both_colours_of_each_accent() -> None:
    light, dark = accents.style_sheet().split("@media (prefers-color-scheme: dark)")

    for name, accent in accents.ACCENTS.items():
        assert re.search(rf'\[data-accent="{name}"\] {{ --accent: {accent.light}; }}', light)
        assert re.search(rf'\[data-accent="{name}"\] {{ --accent: {accent.dark}; }}', dark)


def test_an_unknown_accent_is_the_default() -> None:
    assert accents.get("no such") == accents.get(accents.DEFAULT)
