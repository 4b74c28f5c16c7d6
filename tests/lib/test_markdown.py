"""Markdown of organisers."""

import re
import time

import pytest

from petition.lib import markdown


def test_headings_lists_links_quotes_and_sources_are_shown() -> None:
    html = markdown.render("## Why\n\n- one\n\n> said\n\n[a](https://x.example)[^s]\n\n[^s]: The source.", "body-en")

    for part in ("<h3>Why</h3>", "<li>one</li>", "<blockquote>", 'href="https://x.example"', "The source."):
        assert part in html


def test_footnotes_of_two_texts_on_one_page_do_not_clash() -> None:
    text = "a[^s] b[^s]\n\n[^s]: The source."
    ids = [re.findall(r'id="([^"]+)"', markdown.render(text, prefix)) for prefix in ("body-en", "outcome-en")]

    assert len(ids[0]) == 3
    assert not set(ids[0]) & set(ids[1])
    assert {target[1:] for target in re.findall(r'href="(#[^"]+)"', markdown.render(text, "body-en"))} == set(ids[0])


def test_html_and_scripts_are_text() -> None:
    html = markdown.render("<b>bold</b> [x](javascript:alert(1)) <script>alert(1)</script>\n\n[^1]: <i id=x>")

    assert "<b>" not in html
    assert "<script" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"## heading {number}" for number in range(5000)),
        ">" * 50_000,
        "- " * 25_000,
        "[" * 50_000,
        "![" * 25_000,
        "[^a" * 16_000,
        "**a*" * 12_500,
        "[^a]: x\n\n" + "[^a]" * 12_000,
        "\n".join(f"[^{number}]: a[^{number + 1}]" for number in range(2500)),
    ],
    ids=[
        "headings",
        "quotes",
        "lists",
        "brackets",
        "pictures",
        "undefined",
        "emphasis",
        "one source",
        "nested sources",
    ],
)
def test_contorted_texts_are_rendered_in_bounded_time(text: str) -> None:
    start = time.process_time()

    assert markdown.render(text[: markdown.MAX_BYTES])
    assert time.process_time() - start < 10


def test_a_text_that_is_too_long_is_not_rendered() -> None:
    assert markdown.is_too_long("é" * 25_001)
    assert "<h3>" not in markdown.render("## x\n\n" * 10_000)
