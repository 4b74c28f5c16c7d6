"""The page that writes code for other sites."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.lib import embed_scripts
from petition.lib.contrast import contrast
from petition.lib.languages import ENDONYMS
from petition.models import Call, CallText
from tests.factories import make_call

PATH = "/en/calls/open-culture/embed"


def code(client: FlaskClient, name: str, **query: str) -> str:
    page = client.get(PATH, query_string=query)
    assert page.status_code == 200
    (found,) = re.findall(rf'<textarea id="code-{name}"[^>]*>([^<]*)</textarea>', page.text)
    return unescape(found)


def test_the_code_is_pinned_and_says_what_was_chosen(client: FlaskClient, call: Call) -> None:
    script = embed_scripts.current("petition")
    counter = code(
        client, "counter", lang="de", theme="dark", size="large", accent="#ABC", partner="museum", no_goal="y"
    )

    for part in (
        'href="http://localhost/de/calls/open-culture?partner=museum"',
        'data-label="Unterschriften"',
        'data-theme="dark"',
        'data-size="large"',
        'data-accent="#aabbcc"',
        'data-goal="off"',
        'width="320" height="200"',
        f'src="http://localhost{script.path}" integrity="{script.integrity}"',
    ):
        assert part in counter
    assert "/embed/open-culture?lang=de&amp;theme=dark&amp;partner=museum" in code(
        client, "frame", lang="de", theme="dark", partner="museum"
    )


@pytest.mark.parametrize("lang", ENDONYMS)
def test_code_is_written_in_each_language(client: FlaskClient, call: Call, lang: str) -> None:
    assert f'data-lang="{lang}"' in code(client, "counter", lang=lang)


@pytest.mark.parametrize(
    "query",
    [
        {"lang": "xx", "theme": "x", "size": "x", "accent": "red", "partner": "A/B"},
        {"accent": "#12345", "partner": "<script>"},
        {"accent": "\0", "partner": "x" * 500},
        {"lang": '"><script>alert(1)</script>'},
    ],
)
def test_what_cannot_be_used_counts_as_the_usual(client: FlaskClient, call: Call, query: dict[str, str]) -> None:
    assert code(client, "counter", **query) == code(client, "counter")
    assert "<script>alert" not in client.get(PATH, query_string=query).text


def test_a_title_cannot_become_code(client: FlaskClient, session: Session) -> None:
    call = make_call(session)
    text = session.get(CallText, (call.id, "en"))
    assert text
    text.title = '"><script>alert(1)</script>](x) *b*'
    session.commit()

    page = client.get(PATH).text
    assert "<script>alert(1)" not in page
    assert "<script>alert(1)" not in code(client, "counter")
    assert r"\]" in code(client, "markdown")
    assert r"\<script\>" in code(client, "markdown")


@pytest.mark.parametrize(
    ("accent", "warnings"), [("#ffff00", 1), ("#101010", 1), ("#0b5a6b", 1), ("#7f7f7f", 0), ("", 0)]
)
def test_a_colour_that_cannot_be_seen_gets_a_warning(
    client: FlaskClient, call: Call, accent: str, warnings: int
) -> None:
    assert client.get(PATH, query_string={"accent": accent}).text.count("can hardly be seen") == warnings


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_the_page_of_a_call_leads_there(client: FlaskClient, call: Call) -> None:
    assert f'href="{PATH}"' in client.get("/en/calls/open-culture").text
