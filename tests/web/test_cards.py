"""The picture that other sites show beside a link: the ask and the number, in the reader's language."""

import json
import re
import struct

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.config import folder
from petition.lib import typesetting
from tests import factories

TEMPLATE = folder("templates") / "cards" / "call.typ"
CARD = {"lang": "de", "hashtag": "#AllezCulture", "accent": "#0b5a6b", "number": "12", "goal": "", "host": "a.example"}


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


@pytest.mark.parametrize("ask", ["W" * 200, "Rindfleischetikettierung " * 8, "😀🇪🇺 #set page(fill: red)", ""])
def test_every_ask_makes_one_picture(ask: str) -> None:
    card = CARD | {"ask": typesetting.printable(ask), "share": 0.5}

    picture = typesetting.png(TEMPLATE, json.dumps(card))

    assert size(picture) == (1200, 630)
