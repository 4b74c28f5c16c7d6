"""The frame of organisers' pages: who sees which places, and in which language."""

import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.organisers import make_organiser, sign_in


def places(page: str) -> list[str]:
    """Return the places that the rail of a page leads to."""
    rail = page.partition('class="rail-links"')[2].partition("</nav>")[0]
    return re.findall(r">([^<>]+)</a>", rail)


def test_an_organisers_page_is_kept_by_nobody(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session))

    answer = client.get("/organise/")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_pages_are_in_the_language_of_who_is_signed_in(client: FlaskClient, session: Session) -> None:
    sign_in(client, session, make_organiser(session, language="de"))

    page = client.get("/organise/", headers={"Accept-Language": "fr"}).text

    assert '<html lang="de">' in page


def test_the_language_is_changed_where_one_stands(client: FlaskClient, session: Session) -> None:
    ann = make_organiser(session)
    token = sign_in(client, session, ann)

    answer = client.post(
        "/organise/language", data={"csrf_token": token, "language": "fr", "next": "/organise/?state=open"}
    )

    assert (answer.status_code, answer.location) == (302, "/organise/?state=open")
    assert '<html lang="fr">' in client.get("/organise/").text
