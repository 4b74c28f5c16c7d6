"""Names of things in addresses."""

import pytest

from petition.lib import slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Keep Europe’s culture open!", "keep-europes-culture-open"),
        ("Gardez la culture ouverte à tous", "gardez-la-culture-ouverte-a-tous"),
        ("Große Łódź", "grosse-lodz"),
        ("Отворена култура", "otvorena-kultura"),
        ("Ανοιχτός πολιτισμός", "anoichtos-politismos"),
        ("!!!", ""),
    ],
)
def test_a_title_proposes_an_address(title: str, slug: str) -> None:
    assert slugs.propose(title) == slug


def test_a_long_title_is_cut_between_words() -> None:
    assert slugs.propose("word " * 40) == "-".join(["word"] * 12)
    assert slugs.propose("x" * 200) == "x" * 60
