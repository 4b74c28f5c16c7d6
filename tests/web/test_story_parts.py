"""The parts of pages that show stories: a wall of cards, and figures by country as bars and as a map."""

import re
from types import SimpleNamespace

import pytest
from flask import Flask, render_template

from petition.lib import charts, outlines

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \u202eexe.gnp \"'> " + "W" * 500


def told(story_id: int, text: str, **values: object) -> SimpleNamespace:
    usual: dict[str, object] = {"language": "en", "credit": None, "country": "", "details": {}}
    return SimpleNamespace(**{"story_id": story_id, "text": text} | usual | values)


def wall(app: Flask, published: list[SimpleNamespace]) -> str:
    with app.test_request_context("/en/"):
        return render_template(
            "stories/_wall.html",
            lang="en",
            published=published,
            story_url=lambda story: f"/en/stories/{story.story_id}",
            licence_name=lambda story: "CC BY 4.0" if story.credit else "",
        )


def test_cards_stand_in_the_order_of_reading_each_in_its_language(app: Flask) -> None:
    html = wall(app, [told(3, "שלום", language="he", credit="Suzie"), told(2, "Rêver", language="fr", country="BE")])

    assert re.findall(r'href="/en/stories/(\d)"', html) == ["3", "2"]
    assert re.findall(r'<blockquote [^>]*lang="(..)" dir="auto"><bdi>(.+?)</bdi>', html) == [
        ("he", "שלום"),
        ("fr", "Rêver"),
    ]
    assert "<bdi>Suzie</bdi>" in html
    assert html.count("CC BY 4.0") == 1
    assert "<bdi>anonymous</bdi></cite></a>, Belgium" in html


@pytest.mark.parametrize("name", ["text", "credit", "hero"])
def test_whatever_is_told_is_shown_inert(app: Flask, name: str) -> None:
    values = {"text": "Read."} | ({"details": {"hero": HOSTILE}} if name == "hero" else {name: HOSTILE})

    html = wall(app, [told(1, **values)])

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} \u202eexe.gnp &#34;&#39;&gt;" in html
    assert "style=" not in html


def test_the_map_and_the_table_show_the_same_numbers_and_say_what_they_show(app: Flask) -> None:
    figures = {"NL": 12, "DE": 40, "": 3, "US": 2}
    with app.test_request_context("/en/"):
        html = render_template(
            "stories/_by_country.html",
            bars=charts.bars(figures),
            europe=charts.europe(figures),
            charts=charts,
            outlines=outlines,
            wall_url=lambda country: f"?country={country}",
        )

    assert re.findall(r'<data value="(\d+)">', html) == ["40", "12", "2", "3"]
    assert sorted(re.findall(r"class=\"tile-number\"[^>]*>(\d+)<", html)) == ["12", "40"]
    assert html.count("<path ") == len(outlines.europe()) > 45
    assert html.count("<circle ") == len(outlines.SMALL_COUNTRIES)
    assert "most come from Germany: 40." in html
    assert "No country given" in html
    assert not re.search(r"style=|<style|fill=|#[0-9a-f]{6}", html)
