"""The picture that other sites show beside a link: the ask and the number, in the reader's language."""

import json
import re
import struct
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from petition.config import folder
from petition.domain import calls
from petition.lib import typesetting
from petition.models import Call, picture_columns
from petition.web import story_card
from tests import factories
from tests.organisers import add_picture, make_organiser, make_team
from tests.picture_files import saved

TEMPLATE = folder("templates") / "cards" / "call.typ"
CARD = {
    "lang": "de",
    "hashtag": "#AllezCulture",
    "accent": "#0b5a6b",
    "number": "12",
    "goal": "",
    "host": "a.example",
    "beside": 0,
}


def size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize("lang", ["en", "fr", "de"])
def test_the_page_names_a_picture_that_can_be_fetched_and_kept(
    app: Flask, client: FlaskClient, session: Session, lang: str
) -> None:
    factories.confirm(session, factories.make_call(session))
    page = client.get(f"/{lang}/calls/open-culture").text
    (url,) = re.findall(r'property="og:image" content="http://localhost([^"]+)"', page)

    picture = client.get(url)

    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert size(picture.data) == (1200, 630)
    assert len(picture.data) <= 200_000
    assert picture.headers["Cache-Control"].startswith("public, max-age=60")


def test_the_picture_changes_with_the_number(app: Flask, client: FlaskClient, session: Session) -> None:
    call = factories.make_call(session)
    before = client.get("/en/calls/open-culture/card.png").data

    factories.confirm(session, call)

    assert client.get("/en/calls/open-culture/card.png").data != before
    assert client.get("/en/calls/open-culture/card.jpg").status_code == 404


@pytest.mark.parametrize("ask", ["W" * 200, "Rindfleischetikettierung " * 8, "😀🇪🇺 #set page(fill: red)", ""])
def test_every_ask_makes_one_picture(ask: str) -> None:
    card = CARD | {"ask": typesetting.printable(ask), "share": 0.5}

    picture = typesetting.png(TEMPLATE, json.dumps(card))

    assert size(picture) == (1200, 630)


def test_a_call_with_a_picture_is_shared_with_it(app: Flask, client: FlaskClient, session: Session) -> None:
    call, ann = factories.make_call(session, team=make_team(session)), make_organiser(session)
    # A tall red one, so that its middle is red from edge to edge.
    upload = add_picture(session, call, ann, saved("PNG", Image.new("RGB", (800, 1200), (200, 20, 20))))
    for name, value in picture_columns(upload).items():
        setattr(call, name, value)
    session.commit()

    page = client.get("/en/calls/open-culture").text
    answer = client.get("/en/calls/open-culture/card.jpg")

    assert 'property="og:image" content="http://localhost/en/calls/open-culture/card.jpg"' in page
    assert 'property="og:image:type" content="image/jpeg"' in page
    card = Image.open(BytesIO(answer.data))
    assert (answer.mimetype, card.format, card.size) == ("image/jpeg", "JPEG", (1200, 630))
    assert len(answer.data) <= 300_000
    shown = [card.getpixel((x, 20)) for x in (20, 700, 800, 1180)]
    assert [red > 150 and green < 80 for red, green, _blue in shown] == [False, False, True, True]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Everybody reads.", "Everybody reads."),
        ("Ονειρεύομαι μια Ευρώπη.", "Ονειρεύομαι μια Ευρώπη."),
        ("Мечтая за библиотека без врати.", "Мечтая за библиотека без врати."),
        ("Cafe\u0301s\x00 \r\n\n and  \u202earchives ❤️!", "Cafés\nand archives !"),
        ('<script>alert(1)</script> #read("/etc/passwd") $x^2$ \\ `c`',) * 2,
        ("W" * 1_000_000, "W" * 600 + " …"),
        ("word " * 1000, "word " * 119 + "word …"),
        ("🙂🙂🙂", ""),
        ("Z" + "\u0301" * 10_000, ""),
        ("Peace, שלום", ""),
        ("文化是开放的", ""),
    ],
    ids=["Latin", "Greek", "Cyrillic", "mixed", "code", "1 MB", "long", "emoji", "marks", "Hebrew", "Chinese"],
)
def test_the_card_of_a_story_shows_its_words_or_else_what_was_asked(
    app: Flask, call: Call, session: Session, words: str, shown: str
) -> None:
    text = calls.text_of(session, call, "en")
    with app.test_request_context():
        data = story_card.words(call, text, language="en", said=words, credit="🙂", licence="CC BY 4.0")

    card = typesetting.png(story_card.TEMPLATE, data)

    told = json.loads(data)
    assert (told["words"], told["credit"], told["ask"]) == (shown, "anonymous", text.title)
    assert size(card) == (1200, 630)
    assert len(card) <= 250_000
    assert _is_free_at_the_edges(card)


def _is_free_at_the_edges(card: bytes) -> bool:
    """Whether nothing is drawn in the outermost 40 pixels of a card."""
    picture = Image.open(BytesIO(card)).convert("RGB")
    sides = [(0, 0, 1200, 40), (0, 590, 1200, 630), (0, 0, 40, 630), (1160, 0, 1200, 630)]
    return all(len(picture.crop(side).getcolors() or ()) == 1 for side in sides)
