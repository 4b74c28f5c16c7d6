"""TOML is written so that it is read as it was, and the line of every key is known."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from petition.lib import toml


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain.",
        'He said "no" \\ C:\\new',
        "One\nTwo",
        "\nOne\n\n",
        "One\n'''\nTwo",
        "ends in a quote\n'",
        "a\r\nb\rc",
        "tab\tand\x00null\x1f\x7f\x85",
        "‘’“” é 🏛 \u2028",
        "C:\\new\n\\u0041 stays",
        '"""\n"""',
    ],
)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert tomllib.loads(toml.dumps({"a": text, "b": {"c": text}})) == {"a": text, "b": {"c": text}}


def test_a_table_comes_back_as_it_was_without_what_is_none() -> None:
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    table = {
        "number": 7,
        "is_true": True,
        "at": noon.astimezone(timezone(timedelta(hours=2))),
        "nothing": None,
        "texts": {
            "en": {"title": "One", "addressees": [{"name": "A"}, {"name": "B", "more": {"x": 1}}]},
            "a b": {"c": 1},
        },
    }

    written = toml.dumps(table, comment="What\n\nit is.")

    assert written.startswith("# What\n#\n# it is.\nnumber = 7\n")
    assert "at = 2026-06-01T12:00:00Z" in written
    del table["nothing"]
    assert tomllib.loads(written) == table


def test_a_text_of_several_lines_is_a_block_in_which_nothing_is_escaped() -> None:
    assert toml.dumps({"body": 'A "b"\n\n- c\\\n'}) == "body = '''\nA \"b\"\n\n- c\\\n'''\n"


def test_the_line_of_every_key_is_known() -> None:
    source = (
        "# a comment = 1\n"
        'slug = "a"\n'
        "body = '''\n"
        "slug = no key\n"
        "[no.table]\n"
        "'''\n"
        'short = """one line"""\n'
        "[texts.en]\n"
        'title = "T"\n'
        "[[texts.en.addressees]]\n"
        'name = "A"\n'
        "[[texts.en.addressees]]\n"
        '"name" = "B"\n'
        "[texts.fr]\n"
        "addressees = [\n"
        '  { name = "C" },\n'
        "]\n"
        "deep.er = 1\n"
    )
    tomllib.loads(source)

    lines = toml.key_lines(source)

    assert lines == {
        ("slug",): 2,
        ("body",): 3,
        ("short",): 7,
        ("texts",): 8,
        ("texts", "en"): 8,
        ("texts", "en", "title"): 9,
        ("texts", "en", "addressees"): 10,
        ("texts", "en", "addressees", 0): 10,
        ("texts", "en", "addressees", 0, "name"): 11,
        ("texts", "en", "addressees", 1): 12,
        ("texts", "en", "addressees", 1, "name"): 13,
        ("texts", "fr"): 14,
        ("texts", "fr", "addressees"): 15,
        ("texts", "fr", "deep", "er"): 18,
    }
    assert toml.line_of(lines, ("texts", "fr", "addressees", 0, "name")) == 15
    assert toml.line_of(lines, ("nothing",)) == 1
