"""The outlines of countries on a map."""

import re

import pytest

from petition.lib import outlines

Box = tuple[int, int, int, int]


def box(path: str) -> Box:
    """Return the least and greatest x and y of a path of moves and steps."""
    places = []
    for ring in re.findall(r"M[^z]+z", path):
        x, y, *steps = map(int, re.findall(r"-?\d+", ring))
        places.append((x, y))
        for across, down in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + across, y + down
            places.append((x, y))
    xs, ys = zip(*places, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def holds(code: str, longitude: float, latitude: float) -> bool:
    """Return whether a place lies in the path of a country: a line to the east crosses it an odd number of times."""
    at_x, at_y = outlines._on_map(longitude, latitude)
    crossed = False
    for ring in re.findall(r"M[^z]+z", outlines.europe()[code].path):
        x, y, *steps = map(int, re.findall(r"-?\d+", ring))
        first = (x, y)
        points = [first]
        for across, down in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + across, y + down
            points.append((x, y))
        for (x, y), (to_x, to_y) in zip(points, [*points[1:], first], strict=True):
            if (y > at_y) != (to_y > at_y) and at_x < x + (at_y - y) * (to_x - x) / (to_y - y):
                crossed = not crossed
    return crossed


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [
        ("UA", 34.1, 44.95),  # Simferopol, Crimea
        ("UA", 30.5, 50.45),  # Kyiv
        ("CY", 33.6, 35.25),  # north of Nicosia
        ("CY", 32.8, 34.85),  # Troodos
        ("XK", 20.9, 42.6),  # Kosovo
        ("GR", 22.0, 39.5),
        ("NL", 5.6, 52.2),
        ("MT", 14.4, 35.9),
    ],
)
def test_a_place_lies_in_its_country_and_in_no_other(code: str, longitude: float, latitude: float) -> None:
    assert [other for other in outlines.europe() if holds(other, longitude, latitude)] == [code]


def test_the_whole_map_is_small_and_lies_within_its_box_but_for_what_leads_out_of_it() -> None:
    assert sum(len(outline.path) for outline in outlines.europe().values()) < 30_000
    for code in ("IS", "NO", "IE", "PT", "ES", "GR", "CY", "FI", "UA", "MT"):
        west, _, east, south = box(outlines.europe()[code].path)
        assert 0 <= west < east <= outlines.WIDTH, code
        assert south <= outlines.HEIGHT, code


def test_small_countries_have_a_circle_where_they_are() -> None:
    circles = {code: outline.circle for code, outline in outlines.europe().items() if outline.circle}

    assert circles.keys() == outlines.SMALL_COUNTRIES
    for code, (x, y) in circles.items():
        west, north, east, south = box(outlines.europe()[code].path)
        assert (west <= x <= east, north <= y <= south) == (True, True), code
