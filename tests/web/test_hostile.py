"""Bad input on every path the site has gets a clear answer, never a fault of ours."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from petition.lib import tokens
from tests import factories

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")

ODD = (
    "%00",
    "%FF%FE",
    "..%2F..%2Fetc%2Fpasswd",
    "9" * 4300,
    "٣",
    "1_0",
    "-1",
    quote("'; drop table signature; --"),
    quote("{{7*7}}"),
    quote("<script>alert(1)</script>"),
    quote("🦉"),
    "a" * 3000,
)


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def _paths(rule: Rule, fillings: dict[str, str]) -> str:
    path = rule.rule
    for name in rule.arguments:
        converter = path.partition(f":{name}>")[0].rpartition("<")[2] if f":{name}>" in path else ""
        path = path.replace(f"<{converter}:{name}>" if converter else f"<{name}>", fillings[name])
    return path


@pytest.fixture
def good(app: Flask, session: Session) -> dict[str, str]:
    """Give what makes each path lead somewhere."""
    signature = factories.confirm(session, factories.make_call(session))
    return {
        "lang": "en",
        "call": "open-culture",
        "campaign": "campaign-of-open-culture",
        "token": tokens.make("me", signature.id),
        "number": "1",
    }


def test_every_method_on_every_path_gets_an_answer_below_500(
    app: Flask, client: FlaskClient, good: dict[str, str]
) -> None:
    for rule in _rules(app):
        for method in METHODS:
            answer = client.open(_paths(rule, good), method=method)
            assert answer.status_code < 500, (method, rule.rule)


def test_odd_parts_of_addresses_lead_nowhere(app: Flask, client: FlaskClient, good: dict[str, str]) -> None:
    for rule in _rules(app):
        for name in rule.arguments:
            for odd in ODD:
                answer = client.get(_paths(rule, good | {name: odd}))
                assert answer.status_code in {404, 405}, (rule.rule, name, odd[:30])


def _bodies() -> Iterator[tuple[str, bytes, int]]:
    form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    yield form, b"name=" + b"a" * 70_000, 413
    yield form, b"&".join(b"f%d=1" % number for number in range(50_000)), 413
    yield form, b"name=%FF%FE&email=%00", 422
    yield form, b"name=\xff\xfe", 422
    yield form, b"=&&&=;&name", 422
    yield parts, b"--x\r\nContent-Disposition: form-data; name=name\r\n\r\n" + b"a" * 70_000 + b"\r\n--x--\r\n", 413
    yield parts, b"--x\r\nContent-Disposition: form-data; name=f\r\n\r\n1\r\n" * 500 + b"--x--\r\n", 413
    yield parts, b"--x\r\nContent-Disposition: form-data; name=name; filename=a\r\n\r\n1\r\n--x--\r\n", 422
    yield parts, b"not multipart at all", 422
    yield "application/json", b'["name"]', 422
    yield "application/json", b"{", 422
    yield "text/plain", b"name=Suzie", 422
    yield "", b"", 422


@pytest.mark.parametrize(("kind", "body", "status"), list(_bodies()))
def test_bodies_that_no_browser_sends_are_refused(
    client: FlaskClient, good: dict[str, str], kind: str, body: bytes, status: int
) -> None:
    answer = client.post("/en/calls/open-culture/sign", data=body, content_type=kind)

    assert answer.status_code == status


@pytest.mark.parametrize("query", ["?lang=%00", "?label=%FF", "?style=" + "x" * 5000, "?lang[]=x", "?" + "&a=1" * 5000])
@pytest.mark.parametrize("path", ["/counters/open-culture.svg", "/en/calls/open-culture", "/en/", "/"])
def test_odd_queries_do_no_harm(client: FlaskClient, good: dict[str, str], path: str, query: str) -> None:
    assert client.get(path + query).status_code < 500


def test_a_badge_escapes_its_label(client: FlaskClient, good: dict[str, str]) -> None:
    badge = client.get("/counters/open-culture.svg", query_string={"label": '"><script>alert(1)</script>'})

    assert "<script" not in badge.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "[::1]", "localhost:99999"])
def test_links_never_follow_the_host_header(client: FlaskClient, good: dict[str, str], host: str) -> None:
    page = client.get("/en/calls/open-culture", headers={"Host": host})

    assert page.status_code in {200, 400}
    assert "evil.example" not in page.text
    for redirect in ("/", "/en", "/en/calls/open-culture/sign"):
        assert "evil.example" not in client.get(redirect, headers={"Host": host}).headers.get("Location", "")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%09/evil.example", "/en//evil.example/"])
def test_no_path_redirects_to_another_site(client: FlaskClient, good: dict[str, str], path: str) -> None:
    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    assert "evil.example" not in answer.headers.get("Location", "").removeprefix("/en/")


def test_names_and_reasons_are_shown_as_text_not_as_markup(
    client: FlaskClient, good: dict[str, str], session: Session
) -> None:
    call = factories.make_call(session, slug="other")
    signature = factories.confirm(session, call, name="<b>Suzie</b> &amp; co", story="<script>alert(1)</script>")

    for path in ("/en/calls/other", f"/en/me/{tokens.make('me', signature.id)}"):
        page = client.get(path).text
        assert "<b>" not in page
        assert "<script>alert" not in page
