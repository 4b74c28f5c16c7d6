"""The badge and the JSON that other sites show."""

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.models import Call, CallState
from tests.factories import make_call

SVG = "{http://www.w3.org/2000/svg}"
HARMFUL = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff\ufffe\uffff\ufdd0",
    "\U0001fffe",
    "\U0010ffff",
    "\U000e0041",
]


def _xml(badge: TestResponse) -> ET.Element:
    return ET.fromstring(badge.data)  # noqa: S314 - it is our own


def test_a_badge_is_xml_whatever_its_label(client: FlaskClient, call: Call) -> None:
    for letter in HARMFUL:
        badge = client.get(f"/counters/open-culture.svg?label={quote(f'a{letter}b{letter}')}")

        assert _xml(badge).findtext(f"{SVG}title") in {"0 ab", "0 a b"}, ascii(letter)
        assert letter not in badge.text


@pytest.mark.parametrize("label", ["<b>&amp;</b>", "]]>", "'\"", "&#x202e;", "<!--", "<?x?>", "%ud800", "\\u202e"])
def test_a_label_is_text(client: FlaskClient, call: Call, label: str) -> None:
    badge = client.get("/counters/open-culture.svg", query_string={"label": label})

    assert _xml(badge).findtext(f"{SVG}title") == f"0 {label}"


@pytest.mark.parametrize("query", ["label=%FF%FE", "label=%ED%A0%80", "lang=" + "x" * 5000, "lang=%00", "style=%22"])
def test_a_badge_is_xml_whatever_its_query(client: FlaskClient, call: Call, query: str) -> None:
    badge = client.get(f"/counters/open-culture.svg?{query}")

    assert badge.status_code == 200
    assert _xml(badge).get("lang") == "en"


@pytest.mark.parametrize("kind", ["json", "svg"])
def test_browsers_that_ask_first_may_read_the_counters(client: FlaskClient, call: Call, kind: str) -> None:
    headers = {
        "Origin": "https://partner.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
        "Sec-Fetch-Site": "cross-site",
    }

    asked = client.options(f"/counters/open-culture.{kind}", headers=headers)

    assert (asked.status_code, asked.data) == (204, b"")
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert asked.headers["Access-Control-Allow-Headers"] == "*"
    assert asked.headers["Access-Control-Max-Age"] == "86400"
    assert client.get(f"/counters/open-culture.{kind}").headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"/counters/nothing.{kind}").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.options("/en/calls/open-culture").headers


@pytest.mark.parametrize("kind", ["json", "svg"])
@pytest.mark.parametrize(
    ("changes", "status"), [({"state": CallState.DRAFT}, 404), ({"state": CallState.REMOVED}, 410)]
)
def test_other_sites_can_read_why_there_is_no_counter(
    client: FlaskClient, session: Session, kind: str, changes: dict[str, Any], status: int
) -> None:
    make_call(session, **changes)

    answer = client.get(f"/counters/open-culture.{kind}", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Cache-Control"] == "no-store"
