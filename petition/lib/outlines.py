"""The countries of Europe as paths of a map, made once a process from the outlines of Natural Earth."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import cos, hypot, radians, sin, sqrt
from typing import Any, NamedTuple

# The map's middle and its edges: Lambert's azimuthal equal-area projection, so that equal areas are equal on it.
_LONGITUDE, _LATITUDE = 14.0, 51.5
_UNIT = 5.0  # kilometres
_EARTH = 6371.0  # kilometres
_WEST, _EAST, _NORTH, _SOUTH = -2300.0, 2500.0, 2300.0, -1950.0  # kilometres from the middle
WIDTH, HEIGHT = round((_EAST - _WEST) / _UNIT), round((_NORTH - _SOUTH) / _UNIT)
# A point nearer than this to the line between its neighbours is left out, and an island smaller than this, in units.
_NEAR, _SMALL = 0.9, 5.0
# Countries too small to be seen get a circle too.
SMALL_COUNTRIES = {"LU", "MT", "CY", "AD", "LI", "MC", "SM", "VA"}
# What the outlines name otherwise than the European Union: polygons by a point in them, and areas without a code.
_CRIMEA = (34.2, 45.2)
_AREAS = {"Kosovo": "XK", "N. Cyprus": "CY"}

Point = tuple[float, float]


class Outline(NamedTuple):
    """A country: its path in a box of ``WIDTH`` by ``HEIGHT``, the middle of its circle if it is small, its people."""

    path: str
    circle: tuple[int, int] | None
    population: int


@cache
def europe() -> dict[str, Outline]:
    """Return the countries in and around Europe by code; those that no point of lies on the map are left out."""
    pack = json.loads(gzip.decompress((files("mapcraft") / "packs/world-countries-2024.json.gz").read_bytes()))
    codes = {key: next((a for a in region["aliases"] if len(a) == 2), "") for key, region in pack["regions"].items()}
    people = {codes[key]: region["population"] or 0 for key, region in pack["regions"].items()}
    topology = pack["topology"]
    arcs = [_on_earth(arc, topology["transform"]) for arc in topology["arcs"]]
    lines = [_line(arc) for arc in arcs]
    found = {}
    for code, borders in _borders(topology, codes, arcs).items():
        rings = [ring for ring in _rings(borders, lines) if any(_is_on_map(point) for point in ring)]
        if rings:
            found[code] = Outline(
                _path(rings), _middle(rings) if code in SMALL_COUNTRIES else None, people.get(code, 0)
            )
    return found


def _on_earth(arc: list[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    """Return the longitudes and latitudes, in degrees, of an arc of steps."""
    (across, up), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step in arc:
        x, y = x + step[0], y + step[1]
        points.append((x * across + west, y * up + south))
    return points


def _on_map(longitude: float, latitude: float) -> Point:
    """Return where a place stands on the map; what is outside stands a little outside, so that no line crosses it."""
    to_east, north, middle = radians(longitude - _LONGITUDE), radians(latitude), radians(_LATITUDE)
    nearness = sin(middle) * sin(north) + cos(middle) * cos(north) * cos(to_east)
    scale = _EARTH * sqrt(2 / (1 + max(nearness, -0.99)))
    x = scale * cos(north) * sin(to_east)
    y = scale * (cos(middle) * sin(north) - sin(middle) * cos(north) * cos(to_east))
    margin = 10 * _UNIT
    x, y = min(max(x, _WEST - margin), _EAST + margin), min(max(y, _SOUTH - margin), _NORTH + margin)
    return (x - _WEST) / _UNIT, (_NORTH - y) / _UNIT


def _line(arc: list[Point]) -> list[Point]:
    """Return an arc as it is drawn; of one that is far away its ends alone, for they are drawn outside the map."""
    is_near = any(-45 < longitude < 75 and 25 < latitude < 82 for longitude, latitude in (arc[0], arc[len(arc) // 2]))
    return _simplified([_on_map(*point) for point in (arc if is_near else (arc[0], arc[-1]))])


def _is_on_map(point: Point) -> bool:
    return 0 <= point[0] <= WIDTH and 0 <= point[1] <= HEIGHT


def _simplified(line: list[Point]) -> list[Point]:
    """Return a line without the points that hardly bend it (Douglas and Peucker), its ends kept."""
    kept, left = {0, len(line) - 1}, [(0, len(line) - 1)]
    while left:
        first, last = left.pop()
        far, index = max(
            ((_distance(line[i], line[first], line[last]), i) for i in range(first + 1, last)), default=(0.0, 0)
        )
        if far > _NEAR:
            kept.add(index)
            left += [(first, index), (index, last)]
    return [line[index] for index in sorted(kept)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from the line between two, or from both where they are one."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down)
    if not length:
        return hypot(point[0] - start[0], point[1] - start[1])
    return abs(across * (start[1] - point[1]) - (start[0] - point[0]) * down) / length


def _borders(topology: dict[str, Any], codes: dict[str, str], arcs: list[list[Point]]) -> dict[str, list[int]]:
    """Return the numbers of the arcs around each country, backwards ones as ``~number``, without borders within it."""
    found: dict[str, list[int]] = defaultdict(list)
    for area in topology["objects"]["countries"]["geometries"]:
        code = codes.get(area.get("id", ""), _AREAS.get(area["properties"]["name"], ""))
        polygons = [area["arcs"]] if area["type"] == "Polygon" else area["arcs"]
        for polygon in polygons:
            owner = "UA" if code == "RU" and _holds(_CRIMEA, polygon[0], arcs) else code
            found[owner] += [arc for ring in polygon for arc in ring]
    del found[""]
    return {code: _outer(borders) for code, borders in found.items()}


def _outer(borders: list[int]) -> list[int]:
    inner = Counter(arc if arc >= 0 else ~arc for arc in borders)
    return [arc for arc in borders if inner[arc if arc >= 0 else ~arc] == 1]


def _holds(place: Point, ring: list[int], arcs: list[list[Point]]) -> bool:
    """Return whether a place, in degrees, lies within a ring: a line to the east crosses it an odd number of times."""
    points = [point for arc in ring for point in _along(arc, arcs)]
    longitude, latitude = place
    crossed = False
    for (x, y), (to_x, to_y) in pairwise([*points, points[0]]):
        if (y > latitude) != (to_y > latitude) and longitude < x + (latitude - y) * (to_x - x) / (to_y - y):
            crossed = not crossed
    return crossed


def _along(arc: int, lines: list[list[Point]]) -> list[Point]:
    return lines[arc] if arc >= 0 else lines[~arc][::-1]


def _rings(borders: list[int], lines: list[list[Point]]) -> Iterator[list[Point]]:
    """Yield closed rings of the arcs around a country, joined where one ends and another begins."""
    begins = defaultdict(list)
    for arc in borders:
        begins[_along(arc, lines)[0]].append(arc)
    for arc in borders:
        if arc not in begins[_along(arc, lines)[0]]:
            continue
        ring = [_along(arc, lines)[0]]
        while begins[ring[-1]]:
            ring += _along(begins[ring[-1]].pop(), lines)[1:]
        yield ring


def _area(ring: list[Point]) -> float:
    return abs(sum(x * to_y - to_x * y for (x, y), (to_x, to_y) in pairwise([*ring, ring[0]]))) / 2


def _path(rings: list[list[Point]]) -> str:
    """Return the path of a country in whole units, its islands too unless they are small beside its largest part."""
    least = min(_SMALL, max(map(_area, rings)))
    return "".join(_ring_path(ring) for ring in rings if _area(ring) >= least)


def _ring_path(ring: list[Point]) -> str:
    points = [(round(x), round(y)) for x, y in ring]
    steps = [(x - from_x, y - from_y) for (from_x, from_y), (x, y) in pairwise(points)]
    moves = " ".join(f"{x} {y}" for x, y in steps if x or y)
    return f"M{points[0][0]} {points[0][1]}l{moves}z".replace(" -", "-")


def _middle(rings: list[list[Point]]) -> tuple[int, int]:
    ring = max(rings, key=_area)
    xs, ys = zip(*ring, strict=True)
    return round((min(xs) + max(xs)) / 2), round((min(ys) + max(ys)) / 2)
