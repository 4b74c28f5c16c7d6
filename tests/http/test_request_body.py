"""Bodies of requests are waited for beside the work, never in its way."""

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from threading import Event, Thread
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.test import create_environ, run_wsgi_app

from petition.domain.access import Action
from petition.http.request_body import MAX_PER_HOUSEHOLD, BufferRequestBody, threads
from petition.models import OrganiserSession
from petition.web.dashboard import access
from tests import factories
from tests.organisers import COOKIE, join, make_organiser, make_team, sign_in

FORM = "application/x-www-form-urlencoded"


class Stuck:
    """A body of which the rest does not come before the test ends."""

    def __init__(self, end: Event) -> None:
        self._end, self.is_read = end, Event()

    def read(self, _size: int = -1) -> bytes:
        self.is_read.set()
        self._end.wait(10)
        return b""


class Slow:
    """A body that comes byte by byte."""

    def __init__(self, body: bytes) -> None:
        self._body = BytesIO(body)

    def read(self, _size: int = -1) -> bytes:
        return self._body.read(1)


def send(app: Flask, body: object, length: int | None, **environ: Any) -> tuple[str, dict[str, str]]:
    """Post a body as a server would hand it over; without a length it comes in chunks."""
    made = create_environ("/en/calls/open-culture/sign", method="POST", content_type=FORM)
    made |= {"wsgi.input": body, "wsgi.input_terminated": True}
    made |= {"HTTP_TRANSFER_ENCODING": "chunked"} if length is None else {"CONTENT_LENGTH": str(length)}
    _body, status, headers = run_wsgi_app(app.wsgi_app, made | environ)
    return status, dict(headers)


@pytest.fixture
def stuck(app: Flask) -> Iterator[list[Stuck]]:
    """Let as many senders get stuck as may, until the test ends."""
    end = Event()
    assert isinstance(app.wsgi_app, BufferRequestBody)
    senders = [Stuck(end) for _ in range(app.wsgi_app.max_reading)]
    threads = [
        Thread(target=send, args=(app, sender, 100), kwargs={"REMOTE_ADDR": f"192.0.2.{number // MAX_PER_HOUSEHOLD}"})
        for number, sender in enumerate(senders)
    ]
    for thread in threads:
        thread.start()
    for sender in senders:
        assert sender.is_read.wait(10)
    yield senders
    end.set()
    for thread in threads:
        thread.join()


def test_stuck_senders_keep_no_reader_waiting(client: FlaskClient, session: Session, stuck: list[Stuck]) -> None:
    factories.make_call(session)

    assert client.get("/en/calls/open-culture").status_code == 200


def test_who_comes_when_too_many_are_stuck_is_asked_to_come_again(app: Flask, stuck: list[Stuck]) -> None:
    status, headers = send(app, BytesIO(b"name=Suzie"), 10)

    assert status.startswith("503")
    assert headers["Retry-After"] == "5"


def test_a_body_that_comes_in_pieces_is_read_whole(app: Flask, session: Session) -> None:
    factories.make_call(session)

    status, _headers = send(app, Slow(b"name=Suzie&email=suzie@example.org"), 34)

    assert status.startswith("422")


def test_a_body_whose_end_cannot_be_told_from_a_lost_connection_is_refused(app: Flask) -> None:
    body = BytesIO(b"name=Suzie")

    status, _headers = send(app, body, None)

    assert status.startswith("411")
    assert body.tell() == 0


@pytest.mark.parametrize(("length", "status"), [(34, "400"), (None, "411")])
def test_what_is_refused_before_the_app_has_the_headers_that_protect_readers(
    app: Flask, length: int | None, status: str
) -> None:
    found, headers = send(app, BytesIO(b"name=Suzie"), length)

    assert found.startswith(status)
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in headers["X-Robots-Tag"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_readers_keep_threads_of_their_own_where_bodies_are_not_buffered_in_front(app: Flask) -> None:
    assert isinstance(app.wsgi_app, BufferRequestBody)

    assert threads(is_behind_proxy=False) - app.wsgi_app.max_reading == 16
    assert threads(is_behind_proxy=True) == 4


def test_a_body_that_is_cut_short_is_not_taken_for_the_whole(app: Flask) -> None:
    status, _headers = send(app, BytesIO(b"name=Suzie&email=suzie@example.or"), 34)

    assert status.startswith("400")


@pytest.fixture
def organiser(client: FlaskClient, session: Session) -> dict[str, str]:
    """Give what the requests of somebody bring who is signed in and may edit the first call: the cookie."""
    ann, team = make_organiser(session), make_team(session)
    join(session, team, ann)
    factories.make_call(session, team=team)
    sign_in(client, session, ann)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return {"HTTP_COOKIE": f"{COOKIE}={cookie.value}"}


PICTURE, EDITOR = "/organise/calls/1/picture", "/organise/calls/1/edit"


@pytest.mark.parametrize(
    ("path", "length", "is_read"),
    [
        (PICTURE, 10_000_000, True),
        (PICTURE, 10_100_000, False),
        (PICTURE + "/remove", 600_000, False),
        (EDITOR, 500_000, True),
        (EDITOR, 600_000, False),
        ("/organise/campaigns/1/edit", 500_000, True),
        ("/organise/teams/1", 70_000, False),
        ("/en/calls/open-culture/sign", 70_000, False),
        ("/x/organise/calls/1/picture", 70_000, False),
    ],
)
def test_who_is_signed_in_may_send_more_where_it_is_needed(
    app: Flask, organiser: dict[str, str], path: str, length: int, is_read: bool
) -> None:
    add_forms(app)
    body = BytesIO(b"a=" + b"b" * length)

    status, _headers = send(app, body, length, PATH_INFO=path, **organiser)

    assert body.tell() == (length if is_read else 0)
    # Without the token of the session a form is refused all the same.
    assert status[:3] in ({"403"} if is_read else {"413", "404"})


@pytest.mark.parametrize("cookie", ["", "organiser=", "organiser=guessed", "organiser=" + "a" * 43])
@pytest.mark.parametrize(("path", "length"), [(PICTURE, 10_000_000), (EDITOR, 100_000), (PICTURE, 10**12)])
def test_strangers_are_refused_before_anything_of_a_long_body_is_read(
    app: Flask, organiser: dict[str, str], path: str, length: int, cookie: str
) -> None:
    add_forms(app)
    body = BytesIO(b"a" * 100_000)

    status, _headers = send(app, body, length, PATH_INFO=path, HTTP_COOKIE=cookie)

    assert status.startswith("413")
    assert body.tell() == 0


def test_who_has_signed_out_is_a_stranger(app: Flask, session: Session, organiser: dict[str, str]) -> None:
    session.execute(delete(OrganiserSession))
    session.commit()
    body = BytesIO(b"a" * 100_000)

    assert send(app, body, 100_000, PATH_INFO=PICTURE, **organiser)[0].startswith("413")
    assert body.tell() == 0


@pytest.mark.parametrize("length", [100_000, 5_000_000])
def test_a_long_body_that_is_cut_short_is_not_taken_for_the_whole(
    app: Flask, organiser: dict[str, str], length: int
) -> None:
    status, _headers = send(app, BytesIO(b"a" * (length - 1)), length, PATH_INFO=PICTURE, **organiser)

    assert status.startswith("400")


def test_a_long_body_waits_in_the_same_places_as_all_others(
    app: Flask, organiser: dict[str, str], stuck: list[Stuck]
) -> None:
    body = BytesIO(b"a" * 100_000)

    status, headers = send(app, body, 100_000, PATH_INFO=PICTURE, **organiser)

    assert (status[:3], body.tell()) == ("503", 0)
    assert "Retry-After" in headers


def test_a_long_body_is_in_a_file_and_not_in_memory(app: Flask, organiser: dict[str, str]) -> None:
    boundary, filler = b"--x\r\n", b"a" * 9_000_000
    head = boundary + b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = head + filler + b"\r\n--x--\r\n"
    stream = BytesIO(body)
    del filler
    tracemalloc.start()

    status, _headers = send(
        app, stream, len(body), PATH_INFO=PICTURE, CONTENT_TYPE="multipart/form-data; boundary=x", **organiser
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert status.startswith("403")
    assert peak < 3_000_000


def add_forms(app: Flask) -> None:
    """Give pages with forms to the paths where there may be none yet."""
    known = {rule.rule for rule in app.url_map.iter_rules()}
    bp = Blueprint("forms_of_a_test", __name__)
    bp.before_request(access.signed_in_only)
    for path in {EDITOR, "/organise/campaigns/1/edit", "/organise/teams/1"} - known:
        bp.add_url_rule(
            path, path[1:].replace("/", "_"), access.needs(Action.OWN_ACCOUNT)(lambda: ""), methods=["POST"]
        )
    app.register_blueprint(bp)


@pytest.mark.parametrize(("size", "length"), [(65_537, 65_537), (10, 10**10)])
def test_a_body_that_is_too_large_is_refused_without_reading_all_of_it(
    app: Flask, session: Session, size: int, length: int
) -> None:
    factories.make_call(session)
    body = BytesIO(b"name=" + b"a" * (size + 1_000_000))

    status, _headers = send(app, body, length)

    assert status.startswith("413")
    assert body.tell() <= 65_537
