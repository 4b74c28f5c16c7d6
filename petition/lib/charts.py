"""Figures by country as plain values for pictures: bars, a map, and a map of tiles that can be read on a phone."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

from petition.lib import outlines
from petition.lib.outlines import Outline

# Where each country of Europe stands in a grid of tiles, one a country, near its neighbours: columns from the west,
# rows from the north. Our own drawing; who is not in it stands in the table beside it.
_ROWS = (
    "IS .. .. .. NO SE FI ..  ..",
    ".. .. .. .. .. .. EE ..  ..",
    "IE GB .. .. DK .. LV ..  ..",
    ".. .. .. NL DE PL LT BY  ..",
    ".. .. BE LU CZ SK UA ..  ..",
    ".. .. FR CH AT HU RO MD  ..",
    "PT ES AD LI SI HR RS BG  ..",
    ".. .. MC IT SM BA ME XK  GE",
    ".. .. .. VA MT AL MK GR  TR",
    ".. .. .. .. .. .. .. ..  CY",
)
COLUMNS, ROWS = 9, len(_ROWS)
_PLACES = {
    code: (column, row) for row, codes in enumerate(_ROWS) for column, code in enumerate(codes.split()) if code != ".."
}


class Bar(NamedTuple):
    """A figure with its share of the largest, in percent with one decimal."""

    key: str
    number: int
    percent: float


class Region(NamedTuple):
    """A country on the map: its figure, its shade from 0 for none to 5, its tile as column and row, its outline."""

    code: str
    number: int
    shade: int
    tile: tuple[int, int] | None
    outline: Outline | None


class Map(NamedTuple):
    """The countries of Europe, and the largest figure per million people of each shade; none where all is 0."""

    regions: list[Region]
    limits: list[float]


def bars(figures: Mapping[str, int]) -> list[Bar]:
    """Return figures above 0, the largest first, equal ones by key; '' is what says nothing and stands last."""
    most = max(figures.values(), default=0)
    shown = sorted(figures.items(), key=lambda figure: (figure[0] == "", -figure[1], figure[0]))
    return [Bar(key, number, round(100 * number / most, 1)) for key, number in shown if number > 0]


def europe(figures: Mapping[str, int]) -> Map:
    """Return the map of Europe, shaded by figures per million people.

    A country whose people the source does not count (Kosovo, the Vatican) shows its number and has no shade.
    """
    outlines_of = outlines.europe()
    rates = {
        code: 1_000_000 * number / outlines_of[code].population
        for code, number in figures.items()
        if number > 0 and code in outlines_of and outlines_of[code].population
    }
    limits = _limits(max(rates.values(), default=0))
    regions = [
        Region(
            code,
            figures.get(code, 0),
            bisect_left(limits, rates[code]) + 1 if code in rates else 0,
            _PLACES.get(code),
            outlines_of.get(code),
        )
        for code in sorted(_PLACES.keys() | outlines_of.keys())
    ]
    return Map(regions, limits)


def _limits(largest: float) -> list[float]:
    """Return five round numbers in the manner of 1, 2, 5, 10; the last is the least that is not below the largest."""
    if not largest:
        return []
    steps = [float(f"{digit}e{power}") for power in range(-6, 7) for digit in (1, 2, 5)]
    last = bisect_left(steps, largest)
    return steps[last - 4 : last + 1]
