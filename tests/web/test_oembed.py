"""What programs are told that find an address of a call; the rules are those of https://oembed.com."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.models import Call, CallState

PAGE = "http://localhost/en/calls/open-culture"


def ask(client: FlaskClient, url: str = PAGE, **query: str) -> dict[str, Any]:
    answer = client.get("/oembed", query_string={"url": url} | query)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    return dict(answer.json or {})


def test_the_answer_keeps_to_the_specification(client: FlaskClient, call: Call) -> None:
    said = ask(client, format="json", dnt="1", unknown="x")

    assert (said["version"], said["type"]) == ("1.0", "rich")
    assert {type(said[name]) for name in ("width", "height")} == {int}
    assert said["html"]
    assert {type(said[name]) for name in ("title", "author_name", "provider_name", "provider_url", "html")} == {str}
    assert int(said["cache_age"]) > 0
    thumbnail = {name for name in said if name.startswith("thumbnail")}
    assert thumbnail in ({"thumbnail_url", "thumbnail_width", "thumbnail_height"}, set())


def test_wordpress_keeps_all_of_it(client: FlaskClient, call: Call) -> None:
    # It lets through from a provider that it found by itself what is a quotation with links, and one iframe.
    html = ask(client)["html"]

    assert re.findall(r"<(\w+)", html) == ["blockquote", "a", "iframe"]
    (attributes,) = re.findall(r"<iframe([^>]*)></iframe>$", html)
    kept = {"src", "width", "height", "frameborder", "marginwidth", "marginheight", "scrolling", "title"}
    assert set(re.findall(r"(\w+)=", re.sub(r'"[^"]*"', '""', attributes))) <= kept
    (source,) = re.findall(r'src="([^"]*)"', attributes)
    card = client.get(unescape(source).removeprefix("http://localhost"))
    assert card.status_code == 200
    assert "<form" not in card.text


@pytest.mark.parametrize(
    "url",
    [
        "https://LOCALHOST/en/calls/open-culture/",
        "http://localhost:80/en/calls/open-culture?fbclid=1&partner=museum#sign",
        "http://localhost./en/calls/open%2Dculture",
        "http://localhost/en/calls/open-culture/sign",
        "http://localhost/en/calls/open-culture/stories",
        "http://localhost/en/calls/open-culture/embed",
        "http://localhost/c/open-culture?via=qr",
        "http://localhost/embed/open-culture?lang=en",
        "http://localhost/counters/open-culture.svg",
    ],
)
def test_any_address_of_a_call_leads_to_it(client: FlaskClient, call: Call, url: str) -> None:
    said = ask(client, url)

    assert said["title"] == ask(client)["title"]
    assert ("partner=museum" in said["html"]) == ("partner=museum" in url)


def test_the_language_of_the_address_is_that_of_the_card(client: FlaskClient, call: Call) -> None:
    assert "/embed/open-culture/card?lang=fr" in ask(client, PAGE.replace("/en/", "/fr/"))["html"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"url": ""}, 400),
        ({"url": PAGE, "format": "xml"}, 501),
        ({"url": "https://other.example/en/calls/open-culture"}, 404),
        ({"url": "http://localhost.other.example/en/calls/open-culture"}, 404),
        ({"url": "http://localhost@other.example/en/calls/open-culture"}, 404),
        ({"url": "http://localhost:8080/en/calls/open-culture"}, 404),
        ({"url": "http://localhost/en/calls/nothing"}, 404),
        ({"url": "http://localhost/en/"}, 404),
        ({"url": "http://localhost"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
        ({"url": "http://[::1/en/calls/open-culture"}, 404),
        ({"url": "http://localhost:99999/en/calls/open-culture"}, 404),
        ({"url": "/en/calls/open-culture"}, 404),
        ({"url": "\0"}, 404),
        ({"url": "x" * 9000}, 404),
    ],
)
def test_what_is_not_offered_says_so(client: FlaskClient, call: Call, query: dict[str, str], status: int) -> None:
    answer = client.get("/oembed", query_string=query)

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("state", [CallState.DRAFT, CallState.REVIEW])
def test_a_hidden_call_answers_as_an_unknown_one(
    client: FlaskClient, session: Session, call: Call, state: CallState
) -> None:
    session.execute(update(Call).values(state=state))
    session.commit()
    hidden = client.get("/oembed", query_string={"url": PAGE})
    unknown = client.get("/oembed", query_string={"url": PAGE.replace("open-culture", "nothing")})

    assert (hidden.status_code, hidden.data) == (unknown.status_code, unknown.data) == (404, hidden.data)


@pytest.mark.parametrize(
    ("limits", "size", "has_thumbnail"),
    [
        ({}, (600, 340), True),
        ({"maxwidth": "320"}, (320, 340), False),
        ({"maxwidth": "2000", "maxheight": "250"}, (600, 250), False),
        ({"maxwidth": "1200", "maxheight": "630"}, (600, 340), True),
        ({"maxwidth": "-1", "maxheight": "x"}, (600, 340), True),
        ({"maxwidth": "9" * 400, "maxheight": "٣"}, (600, 340), True),
    ],
)
def test_a_card_keeps_to_the_room_that_there_is(
    client: FlaskClient, call: Call, limits: dict[str, str], size: tuple[int, int], has_thumbnail: bool
) -> None:
    said = ask(client, **limits)

    assert (said["width"], said["height"]) == size
    assert f'width="{size[0]}" height="{size[1]}"' in said["html"]
    assert ("thumbnail_url" in said) == has_thumbnail


class _Head(HTMLParser):
    """Finds links as consumers do: in the head, before the first style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.before_styles = True
        self.in_head = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.in_head &= tag != "body"
        self.before_styles &= given.get("rel") != "stylesheet"
        if tag == "link" and "oembed" in (given.get("type") or "") and self.in_head:
            self.found.append(given | {"early": str(self.before_styles)})


@pytest.mark.parametrize("lang", ["en", "fr", "de"])
def test_a_consumer_finds_the_way_from_the_page(client: FlaskClient, call: Call, lang: str) -> None:
    page = client.get(f"/{lang}/calls/open-culture?fbclid=1")
    head = _Head()
    head.feed(page.text[:150_000])

    (link,) = head.found
    assert (link["rel"], link["type"], link["early"]) == ("alternate", "application/json+oembed", "True")
    url = urlsplit(link["href"] or "")
    said = client.get(f"{url.path}?{url.query}").json or {}
    assert link["title"] == said["title"]
