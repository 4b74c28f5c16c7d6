"""Figures by country as pictures."""

import pytest

from petition.lib import charts, countries

FIGURES = {"NL": 12, "DE": 40, "": 3, "US": 2, "GR": 5, "FR": 0}


def test_bars_show_the_largest_first_and_who_named_no_country_last() -> None:
    assert charts.bars(FIGURES) == [
        ("DE", 40, 100.0),
        ("NL", 12, 30.0),
        ("GR", 5, 12.5),
        ("US", 2, 5.0),
        ("", 3, 7.5),
    ]


EU = {
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
}


def test_each_country_of_the_union_has_one_tile_and_an_outline() -> None:
    tiles = [region.tile for region in charts.europe(FIGURES).regions if region.tile]

    assert len(set(tiles)) == len(tiles)
    assert all(region.tile and region.outline for region in charts.europe({}).regions if region.code in EU)
    assert EU <= {region.code for region in charts.europe({}).regions} <= countries.names("en").keys()


def test_a_country_is_shaded_by_its_figure_per_million_people() -> None:
    regions = {region.code: region for region in charts.europe({"MT": 10, "DE": 10, "XK": 10, "": 7, "FR": 0}).regions}

    assert {code: (region.number, region.shade) for code, region in regions.items() if region.number} == {
        "MT": (10, 5),
        "DE": (10, 1),
        "XK": (10, 0),
    }


@pytest.mark.parametrize(
    ("figures", "limits"),
    [({}, []), ({"XK": 1}, []), ({"MT": 10}, [1, 2, 5, 10, 20]), ({"DE": 1}, [0.001, 0.002, 0.005, 0.01, 0.02])],
)
def test_the_limits_of_the_shades_are_round_and_the_last_holds_the_largest(
    figures: dict[str, int], limits: list[float]
) -> None:
    assert charts.europe(figures).limits == limits
