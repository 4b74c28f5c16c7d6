"""Organisers say which sites may show the form of a call."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.models import AuditEntry, Call
from tests.factories import make_call
from tests.organisers import join, make_organiser, make_team, sign_in

PATH = "/organise/calls/1/frames"


@pytest.fixture
def token(client: FlaskClient, session: Session) -> dict[str, str]:
    team, ann = make_team(session), make_organiser(session)
    join(session, team, ann)
    make_call(session, team=team)
    return {"csrf_token": sign_in(client, session, ann)}


def stored(session: Session) -> str:
    session.rollback()
    return session.scalars(select(Call.frame_origins)).one()


def test_addresses_become_origins_and_the_frame_obeys(
    client: FlaskClient, session: Session, token: dict[str, str]
) -> None:
    typed = "https://Museum.example/page?x=1\nlibrary.example, *.zoo.example\nhttp://localhost:8080\nmüseum.example\n"
    answer = client.post(PATH, data=token | {"origins": typed, "shown": ""})

    assert answer.status_code == 303
    named = (
        "https://museum.example https://library.example https://*.zoo.example http://localhost:8080 "
        "https://xn--mseum-kva.example"
    )
    assert stored(session) == named
    policy = client.get("/embed/open-culture").headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors 'self' {named}")
    assert session.scalars(select(AuditEntry.action)).all()[-1] == "change_frames"
    assert client.post(PATH, data=token | {"origins": "", "shown": named}).status_code == 303
    assert stored(session) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "https://",
        "a b;c",
        "https://museum.example;script-src",
        "'none'",
        "*",
        "https://x:99999",
        "\0",
    ],
)
def test_what_is_no_address_is_refused_and_kept_in_the_field(
    client: FlaskClient, session: Session, token: dict[str, str], typed: str
) -> None:
    answer = client.post(PATH, data=token | {"origins": f"https://museum.example\n{typed}", "shown": ""})

    assert answer.status_code == 422
    assert "https://museum.example" in answer.text
    assert stored(session) == ""


def test_too_many_are_refused(client: FlaskClient, session: Session, token: dict[str, str]) -> None:
    typed = "\n".join(f"https://m{number}.example" for number in range(51))

    assert client.post(PATH, data=token | {"origins": typed, "shown": ""}).status_code == 422


def test_the_list_is_the_one_that_was_shown(client: FlaskClient, session: Session, token: dict[str, str]) -> None:
    client.post(PATH, data=token | {"origins": "https://museum.example", "shown": ""})
    second = client.post(PATH, data=token | {"origins": "https://other.example", "shown": ""})

    assert second.status_code == 422
    assert "https://other.example" in second.text
    assert stored(session) == "https://museum.example"
    again = client.post(PATH, data=token | {"origins": "https://other.example", "shown": "https://museum.example"})
    assert again.status_code == 303
