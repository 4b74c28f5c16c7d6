"""A call as a file is read with all its faults, each on its line."""

import re
from pathlib import Path
from typing import Any

import pytest

from petition.forms import contents
from petition.forms.contents import WrongFile, read, write
from petition.lib import checks
from petition.models import CallKind, StoryLicence, StoryWords

DEMO = Path(__file__).parents[2] / "petition" / "demo"
GOOD = """\
slug = "a-call"
campaign = "culture"
kind = "petition"
language = "en"
opens_at = 2026-06-01T12:00:00+02:00

[texts.en]
title = "A title"
body = '''
One

Two
'''

[[texts.en.addressees]]
name = "The Parliament"
"""


def faults(source: str | bytes) -> list[tuple[int, str]]:
    """Return the faults of a file as lines and sentences."""
    with pytest.raises(WrongFile) as caught:
        read(source if isinstance(source, bytes) else source.encode())
    return [(fault.line, fault.sentence) for fault in caught.value.faults]


def test_what_is_left_out_is_empty_and_moments_are_in_utc() -> None:
    file, _lines = read(GOOD.encode())

    assert file.campaign == "culture"
    assert file.content["opens_at"] == "2026-06-01T10:00:00+00:00"
    assert (file.content["closes_at"], file.content["goal"], file.content["partner_reported"]) == (None, None, 0)
    text = file.content["texts"]["en"]
    assert (text["title"], text["body"], text["ask"]) == ("A title", "One\n\nTwo", "")
    assert text["addressees"] == [{"name": "The Parliament", "kind": "institution", "url": ""}]


@pytest.mark.parametrize("name", ["keep-culture-open", "keep-culture-open-2013"])
def test_what_is_written_is_read_as_the_same_and_written_the_same_again(name: str) -> None:
    file, _lines = read((DEMO / f"{name}.toml").read_bytes())
    file = file._replace(signatures=[])

    written = write(file)
    again, _lines = read(written.encode())

    assert again == file
    assert write(again) == written


def test_a_file_from_another_editor_is_read_too() -> None:
    assert read(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())[0] == read(GOOD.encode())[0]


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('slug = "a-call"', 'slug = "A call"', 1, "slug: Use the letters"),
        ('slug = "a-call"\n', "", 1, "slug is missing."),
        ('kind = "petition"', 'kind = "poll"', 3, "kind: Write one of: petition, dream, hero, practice."),
        ('language = "en"', 'language = "xx"', 4, "language: Write one of: bg,"),
        ('language = "en"', 'language = "fr"', 4, "There are no words in the call's own language"),
        ("12:00:00+02:00", "12:00:00", 5, "opens_at: Write a moment with its distance from UTC"),
        ("2026-06-01T12:00:00+02:00", "0001-01-01T00:00:00+02:00", 5, "opens_at: Write a year"),
        ("\n\n[", "\ncloses_at = 2026-06-01T10:00:00Z\n\n[", 6, "It closes before it opens."),
        ("\n\n[", "\ngoal = true\n\n[", 6, "goal: Write a number between 1 and"),
        ("\n\n[", "\ngaol = 5\n\n[", 6, "gaol is not a key of this table."),
        ("[texts.en]", "[texts.tlh]", 7, "tlh is not the code of a language"),
        ('title = "A title"', "title = 5", 8, "title: This is a text, in quotation marks."),
        ('title = "A title"', f'title = "{"x" * 201}"', 8, "title: This has 201 characters; write 0 to 200."),
        ('title = "A title"', r'title = "a\nb"', 8, "title: This is a text of one line."),
        ('title = "A title"', r'title = "a\u202eb"', 8, "title: This text has a character that cannot be shown."),
        ("One\n", f"{'é' * 25_001}\n", 9, "body: This text has 50007 bytes; there is room for 50000."),
        ('name = "The', 'kind = "firm"\nname = "The', 16, "kind: Write one of: institution, person."),
        ('name = "The Parliament"', 'url = "javascript:1"\nname = "x"', 16, "url: Write a web address"),
        ("[[texts.en.addressees]]\nname = ", "[texts.en.addressees]\nname = ", 15, "addressees is a list of tables"),
        ("\n\n[texts", '\n[image]\nfile = "img/../app.py"\n[texts', 7, "file: Write the path of a picture"),
        ("\n\n[texts", '\n[image]\nfile = "img/nothing.svg"\n[texts', 7, "file: The platform has no such picture."),
    ],
)
def test_each_fault_is_named_with_its_line(old: str, new: str, line: int, sentence: str) -> None:
    assert old in GOOD
    found = faults(GOOD.replace(old, new, 1))

    assert [number for number, said in found if said.startswith(sentence)] == [line], found


def test_all_faults_are_told_at_once_in_the_order_of_their_lines() -> None:
    found = faults(GOOD.replace("a-call", "A").replace("petition", "poll").replace("A title", "x" * 500))

    assert [line for line, _sentence in found] == [1, 3, 8]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a = 1\n\nb = = 2\n", 3),
        ("a = 1\na = 2\n", 2),
        ('a = 1\nb = """\nnever closed\n', 4),
        (b"a = 1\nb = '\xff'\n", 2),
        ("a = " + "[" * 100_000, 1),
        ("a = " + "9" * 5000, 1),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(source: str | bytes, line: int) -> None:
    ((found, sentence),) = faults(source)

    assert found == line
    assert sentence.startswith("This is not")


@pytest.mark.parametrize("source", ["", "texts = 5", "texts = []", "[texts]\nen = 5", "image = 1", "signatures = [1]"])
def test_a_value_of_another_kind_is_a_fault_and_nothing_worse(source: str) -> None:
    assert faults(source)


@pytest.mark.parametrize("value", [None, 1, [], {}, True, 1.5])
def test_no_check_breaks_on_a_value_of_another_kind(value: Any) -> None:
    for check in (checks.text, checks.line(5), checks.short_text(5), checks.slug, checks.url, checks.one_of("a")):
        with pytest.raises(ValueError, match=r"."):
            check(value)


def test_the_example_of_the_documentation_is_a_good_file_and_comes_out_as_it_stands() -> None:
    page = (DEMO.parents[1] / "docs" / "content-format.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]

    file, lines = read(example.encode())

    assert set(file.content["texts"]) == {"en", "fr"}
    assert lines["texts", "fr", "title"] > lines["texts", "en", "title"]
    assert read(write(file).encode())[0] == file


def test_the_documentation_names_every_key() -> None:
    page = (DEMO.parents[1] / "docs" / "content-format.md").read_text("utf-8")
    keys = re.findall(r"`([a-z_]+)`", page)

    assert {*contents._CALL, *contents._TEXT, *contents._ADDRESSEE, *contents._IMAGE} <= set(keys)


def test_made_up_stories_are_checked_by_the_form_that_people_fill_in() -> None:
    person = 'name = "Imaginary Reader"\ncountry = "NL"\nlanguage = "nl"\nshow_name = false\nhours_ago = 3\n'
    source = GOOD.replace('"petition"', '"dream"') + f"\n[[signatures]]\n{person}"
    good = 'story = "Iedereen leest."\nlicence = "cc0"\nhorizon_year = 2030\n'

    file, _lines = read(f"{source}{good}".encode())
    assert file.signatures[0]["told"] == StoryWords(
        CallKind.DREAM, "nl", "Iedereen leest.", {"horizon_year": 2030}, StoryLicence.CC0
    )
    at = source.count("\n")
    assert faults(f'{source}{good}hero = "Me"\n') == [(at + 4, "hero is not a field of this kind.")]
    assert [line for line, _sentence in faults(source + good.replace("2030", "1066").replace("cc0", "gpl"))] == [
        at + 2,
        at + 3,
    ]
