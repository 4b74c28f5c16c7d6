"""Cached pages are fresh, sent in the form that suits the reader, and still there when the database is not."""

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import Client

from petition.http.cacheable import cacheable
from petition.http.cached_response import accepts_gzip
from petition.http.page_cache import PageCache
from tests.http.conftest import PAGE, Site, grow_old


def test_a_thousand_readers_cost_one_page(site: Site, reader: Client) -> None:
    pages = {reader.get(PAGE).data for _reader in range(1000)}

    assert pages == {site.body}
    assert site.asked <= 3


def test_readers_get_the_cached_page_while_a_new_one_is_rendered(site: Site, cache: PageCache, reader: Client) -> None:
    site.app.view_functions["page"] = cacheable(ttl=1000.0)(site.answer)
    old = reader.get(PAGE).data
    site.goes_on.clear()
    site.body = b"new"
    grow_old(cache, 501)

    with ThreadPoolExecutor(10) as readers:
        pages = list(readers.map(lambda _number: reader.get(PAGE).data, range(100)))
    site.goes_on.set()

    assert set(pages) == {old}
    assert site.asked == 2


def test_the_last_page_is_served_for_ten_minutes_when_no_new_one_can_be_rendered(
    site: Site, cache: PageCache, reader: Client
) -> None:
    reader.get(PAGE)
    grow_old(cache)
    site.status = 503

    assert [reader.get(PAGE).status_code for _time in range(3)] == [200, 200, 200]

    grow_old(cache, 590)
    assert [reader.get(PAGE).status_code for _time in range(3)] == [200, 200, 200]

    grow_old(cache, 10)
    assert [reader.get(PAGE).status_code for _time in range(3)] == [503, 503, 503]


def test_a_page_that_was_taken_down_is_gone_at_once(site: Site, cache: PageCache, reader: Client) -> None:
    reader.get(PAGE)
    grow_old(cache)

    site.status = 410

    assert reader.get(PAGE).status_code == 410
    assert (cache.size, len(cache.responses)) == (0, 0)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, {}),
        (206, {}),
        (200, {"Set-Cookie": "a=b"}),
        (200, {"Cache-Control": "no-store"}),
        (200, {"Cache-Control": "private, max-age=1"}),
    ],
)
def test_what_is_not_for_everybody_is_never_cached(
    site: Site, cache: PageCache, reader: Client, status: int, headers: dict[str, str]
) -> None:
    site.status, site.headers = status, headers

    for _time in range(3):
        assert reader.get(PAGE).status_code == status

    assert site.asked == 3
    assert cache.size == 0


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "BREW"])
def test_other_methods_always_reach_the_site(site: Site, cache: PageCache, reader: Client, method: str) -> None:
    reader.open(PAGE, method=method)

    assert cache.size == 0
    assert "Cache-Control" not in reader.post(PAGE).headers


def test_a_part_of_a_page_is_asked_of_the_site(site: Site, reader: Client) -> None:
    reader.get(PAGE)

    assert reader.get(PAGE, headers={"Range": "bytes=0-9"}).status_code == 200
    assert site.asked == 2


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip", True),
        ("br, gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZip ; Q=0.5", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0.1", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("identity;q=0", True),
        ("br, identity;q=0", True),
        ("gzip;q=0.5, identity;q=0.5", True),
        ("", False),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip ;  q=0.000", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0, identity;q=0", False),
        ("gzip;q=nonsense", False),
        ("gzip;q=-1", False),
        ("notgzip", False),
        ("gzip," * 100, False),
    ],
)
def test_a_page_is_zipped_for_whom_that_suits(accepts: str, coding: bool) -> None:
    assert accepts_gzip(accepts) is coding


def test_a_zipped_page_says_so(site: Site, reader: Client) -> None:
    answer = reader.get(PAGE, headers={"Accept-Encoding": "br, gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == reader.get(PAGE).headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == site.body
    assert len(answer.data) < len(site.body)


@pytest.mark.parametrize("form", ["{}", '"x", {}', '{}, W/"y"', '"a,b",{}', "*", " * ", "strong"])
def test_a_browser_that_has_the_page_is_told_so(site: Site, reader: Client, form: str) -> None:
    etag = reader.get(PAGE).headers["ETag"]
    asked = etag.removeprefix("W/") if form == "strong" else form.format(etag)

    answer = reader.get(PAGE, headers={"If-None-Match": asked})

    assert etag.startswith('W/"')
    assert (answer.status_code, answer.data) == (304, b"")
    assert (answer.headers["ETag"], answer.headers["Vary"]) == (etag, "Accept-Encoding")
    assert reader.head(PAGE, headers={"If-None-Match": asked}).status_code == 304


@pytest.mark.parametrize("form", ["", '"x"', "{}x", "x{}", '"*"', "*, *"])
def test_a_browser_that_has_another_page_gets_this_one(site: Site, reader: Client, form: str) -> None:
    tag = reader.get(PAGE).headers["ETag"].removeprefix("W/").strip('"')

    answer = reader.get(PAGE, headers={"If-None-Match": f'W/"{form.format(tag)}"' if "{}" in form else form})

    assert (answer.status_code, answer.data) == (200, site.body)


def test_a_head_request_gets_the_headers_only(site: Site, reader: Client) -> None:
    answer = reader.head(PAGE)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(site.body))
