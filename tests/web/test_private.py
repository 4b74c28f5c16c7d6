"""What no view declares public is private: no other site, no search engine and no cache gets it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from petition.lib import tokens
from tests import factories


def is_private(answer: TestResponse) -> bool:
    headers = answer.headers
    found = headers["Cache-Control"], headers["Referrer-Policy"], "noindex" in headers.get("X-Robots-Tag", "")
    return found == ("no-store", "no-referrer", True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/en/my-signatures", 200),
        ("GET", "/en/erased", 200),
        ("GET", "/healthz", 200),
        ("GET", "/en/nowhere", 404),
        ("GET", "/en/me/1.forged.token", 404),
        ("GET", "/en/calls/open-culture/sign", 303),
        ("POST", "/en/calls/open-culture/sign", 422),
        ("POST", "/healthz", 405),
        ("GET", "/en", 308),
        ("GET", "/en/calls/unknown", 404),
        ("GET", "/counters/unknown.json", 404),
    ],
)
def test_answers_that_nobody_declared_public_are_private(
    client: FlaskClient, session: Session, method: str, path: str, status: int
) -> None:
    factories.make_call(session)

    answer = client.open(path, method=method)

    assert answer.status_code == status
    assert is_private(answer)


@pytest.mark.parametrize("path", ["/en/", "/en/calls/open-culture", "/counters/open-culture.json", "/en/privacy", "/"])
def test_public_pages_may_be_found_and_kept(client: FlaskClient, session: Session, path: str) -> None:
    factories.make_call(session)

    answer = client.get(path)

    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "X-Robots-Tag" not in answer.headers


def test_pages_behind_a_mailed_link_are_private(client: FlaskClient, session: Session) -> None:
    signature = factories.confirm(session, factories.make_call(session))

    assert is_private(client.get(f"/en/me/{tokens.make('me', signature.id)}"))


@pytest.mark.parametrize("host", ["mallory.example", "MALLORY.example:80", "mallory.example:8080"])
@pytest.mark.parametrize("path", ["/", "/en", "/en/calls/open-culture/sign", "/en?next=/x"])
def test_no_redirect_names_the_host_header(
    app: Flask, client: FlaskClient, session: Session, host: str, path: str
) -> None:
    factories.make_call(session)

    answer = client.get(path, headers={"Host": host})

    assert 300 < answer.status_code < 400
    assert answer.headers["Location"].startswith("/en/")
    assert "mallory" not in answer.text.lower()
