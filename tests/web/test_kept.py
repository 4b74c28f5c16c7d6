"""Public pages are kept: fresh, for everybody the same, and still there when the database is not."""

import gzip
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition.web import kept
from petition.web.kept import Kept, address_of
from tests import factories
from tests.conftest import StoppedClock

PAGE = "/en/calls/open-culture"
COUNTER = "/counters/open-culture.json"


class Site:
    """A small site whose state a test can change, and that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked, self.status, self.body = 0, "200 OK", b"a page " * 200
        self.goes_on = Event()
        self.goes_on.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.asked += 1
        self.goes_on.wait(10)
        start_response(self.status, [("Content-Type", "text/html"), ("Cache-Control", "public, max-age=1, x")])
        return [self.body]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def keeper(site: Site) -> Kept:
    return Kept(site, "http://localhost")


@pytest.fixture
def reader(keeper: Kept) -> Client:
    return Client(keeper)


def test_a_thousand_readers_cost_one_page(site: Site, reader: Client) -> None:
    pages = {reader.get(PAGE).data for _reader in range(1000)}

    assert pages == {site.body}
    assert site.asked <= 3


def test_readers_get_the_kept_page_while_a_new_one_is_made(
    site: Site, keeper: Kept, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAGE_LASTS", 1000.0)
    old = reader.get(PAGE).data
    site.goes_on.clear()
    site.body = b"new"
    keeper.pages[PAGE].until -= 501

    with ThreadPoolExecutor(10) as readers:
        pages = list(readers.map(lambda _number: reader.get(PAGE).data, range(100)))
    site.goes_on.set()

    assert set(pages) == {old}
    assert site.asked == 2


def test_the_last_page_is_shown_when_no_new_one_can_be_made(
    site: Site, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAGE_LASTS", 0.0)
    reader.get(PAGE)
    site.status = "503 SERVICE UNAVAILABLE"

    assert [reader.get(PAGE).status_code for _time in range(3)] == [200, 200, 200]

    monkeypatch.setattr(kept, "STALE_IF_ERROR", 0.0)
    assert reader.get(COUNTER).status_code == 503


def test_a_page_that_was_taken_down_is_gone_at_once(
    site: Site, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "PAGE_LASTS", 0.0)
    reader.get(PAGE)

    site.status = "410 GONE"

    assert reader.get(PAGE).status_code == 410


def test_a_page_that_is_not_found_is_not_kept(site: Site, reader: Client) -> None:
    site.status = "404 NOT FOUND"
    reader.get(PAGE)

    site.status = "200 OK"

    assert reader.get(PAGE).status_code == 200


def test_memory_is_bounded(site: Site, keeper: Kept, reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 10 * len(site.body))

    for number in range(100):
        reader.get(f"{PAGE}-{number}")

    assert keeper.size <= kept.MOST_BYTES
    assert keeper.size == sum(page.size for page in keeper.pages.values())


def test_a_browser_that_takes_gzip_gets_it(site: Site, reader: Client) -> None:
    answer = reader.get(PAGE, headers={"Accept-Encoding": "br, gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == site.body
    assert len(answer.data) < len(site.body)


def test_a_browser_that_has_the_page_is_told_so(site: Site, reader: Client) -> None:
    etag = reader.get(PAGE).headers["ETag"]

    answer = reader.get(PAGE, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag


def test_a_head_request_gets_the_headers_only(site: Site, reader: Client) -> None:
    answer = reader.head(PAGE)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(site.body))


def test_what_a_reader_adds_to_the_address_makes_no_new_page(site: Site, reader: Client) -> None:
    for number in range(50):
        reader.get(f"{PAGE}?utm_source={number}")

    assert site.asked <= 2


def test_a_form_always_reaches_the_site(site: Site, reader: Client) -> None:
    for _time in range(3):
        reader.post(PAGE)

    assert site.asked == 3


def test_no_path_with_a_secret_is_ever_kept(app: Flask) -> None:
    kept_rules = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if address_of(
            rule.rule.replace("<language:lang>", "en")
            .replace("<slug:call>", "a-call")
            .replace("<slug:campaign>", "a-campaign")
            .replace("<path:filename>", "css/site.css"),
            "",
        )
    }

    assert kept_rules == {
        "about.accessibility",
        "about.privacy",
        "calls.call",
        "campaigns.campaign",
        "campaigns.index",
        "counters.json",
        "counters.svg",
        "signing.check_mail",
        "static",
    }


@pytest.mark.parametrize(
    "path", ["/en/me/1.x.y", "/en/confirm/1.x.y", "/en/calls/../me/x", "/static/../wsgi.py", "/xx/", "/en/nope"]
)
def test_other_paths_are_never_kept(path: str) -> None:
    assert address_of(path, "") is None


def test_a_kept_page_is_the_same_for_every_reader(app: Flask, session: Session, stopped_clock: StoppedClock) -> None:
    factories.confirm(session, factories.make_call(session))
    reader = Client(Kept(app.wsgi_app, "http://localhost"))

    pages = {
        reader.get(PAGE, headers=headers).data
        for headers in (
            {},
            {"Host": "evil.example"},
            {"Cookie": "session=1", "Accept-Language": "fr", "User-Agent": "x"},
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
        )
    }

    assert len(pages) == 1
    assert b"evil.example" not in pages.pop()
