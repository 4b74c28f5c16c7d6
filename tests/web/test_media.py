"""Uploaded pictures as files: from here and nowhere else, for as long as they are there."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from petition.domain import pictures
from petition.models import Organiser, Picture, picture_columns
from tests import factories
from tests.organisers import add_picture, make_organiser, make_team


@pytest.fixture
def ann(session: Session) -> Organiser:
    return make_organiser(session)


@pytest.fixture
def picture(session: Session, client: FlaskClient, ann: Organiser) -> Picture:
    return add_picture(session, factories.make_call(session, team=make_team(session)), ann)


@pytest.mark.parametrize(("kind", "mimetype"), [("webp", "image/webp"), ("jpg", "image/jpeg")])
def test_a_picture_is_served_as_what_it_is_and_may_be_kept_for_a_day(
    client: FlaskClient, picture: Picture, kind: str, mimetype: str
) -> None:
    answer = client.get(f"/media/{picture.name}.{kind}", headers={"Accept-Encoding": "gzip"})

    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    again = client.get(f"/media/{picture.name}.{kind}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/../petition.sqlite",
        "/media/%2e%2e%2fpetition.sqlite",
        "/media/..%2Fpetition.sqlite.webp",
        "/media/{name}",
        "/media/{name}.png",
        "/media/{name}.webp%00",
        "/media/{upper}.webp",
        "/media/" + "a" * 64 + ".webp",
        "/media/" + "a" * 63 + "/.webp",
        "/media//etc/passwd",
    ],
)
def test_no_other_name_leads_anywhere(client: FlaskClient, picture: Picture, path: str) -> None:
    answer = client.get(path.format(name=picture.name, upper=picture.name.upper()))

    assert answer.status_code == 404


def test_a_picture_that_was_taken_down_is_gone(
    client: FlaskClient, session: Session, picture: Picture, ann: Organiser
) -> None:
    pictures.take_down(session, ann, picture)
    session.commit()

    answer = client.get(f"/media/{picture.name}.webp")

    assert answer.status_code == 410
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_call_shows_its_picture_with_what_it_shows_and_whose_it_is(
    client: FlaskClient, session: Session, ann: Organiser
) -> None:
    call = factories.make_call(session, team=make_team(session))
    for name, value in picture_columns(add_picture(session, call, ann, licence="with permission")).items():
        setattr(call, name, value)
    session.commit()

    page = client.get("/en/calls/open-culture").text

    assert f'src="/{call.image}"' in page
    assert f'width="{call.image_width}" height="{call.image_height}"' in page
    assert '<a href="https://museum.example/1">City museum</a>' in page
    assert "used with permission" in page
    assert client.get(f"/{call.image}").status_code == 200
    assert f'src="/{call.image}"' in client.get("/en/").text
