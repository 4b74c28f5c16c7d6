"""What must be gone at once is: a view with ``stale_if_error=0`` is sent past its ttl by no cache and no process."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Response
from werkzeug.test import Client

from petition.http import page_cache
from petition.http.cacheable import cacheable
from petition.http.page_cache import PageCache
from tests.http.conftest import PAGE, PROMPT_PAGE, Site, grow_old


class Slow:
    """Conditions of a site that keeps its pages for ten seconds."""

    min_ttl = 10.0


@pytest.fixture
def caches(site: Site) -> list[PageCache]:
    """Give the caches of two processes with the same site behind them."""
    return [PageCache(site.app, "http://localhost") for _process in range(2)]


def asked(caches: list[PageCache], times: int = 3) -> list[int]:
    return [Client(cache).get(PROMPT_PAGE).status_code for cache in caches for _time in range(times)]


def test_its_header_gives_one_second_to_browsers_and_none_to_anybody_between(site: Site, reader: Client) -> None:
    answer = reader.get(PROMPT_PAGE)

    assert answer.headers["Cache-Control"] == "public, max-age=1, s-maxage=0, must-revalidate"
    assert (
        reader.get(PAGE).headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=1, stale-if-error=600"
    )
    again = reader.get(PROMPT_PAGE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, answer.headers["Cache-Control"])


def test_a_view_says_how_long_it_is_kept_while_the_site_fails(site: Site, cache: PageCache, reader: Client) -> None:
    site.app.add_url_rule("/half", "half", cacheable(ttl=1.0, stale_if_error=30)(site.answer))
    assert (
        reader.get("/half").headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=1, stale-if-error=30"
    )
    site.status = 503

    grow_old(cache, 30)
    assert [reader.get("/half").status_code for _time in range(3)] == [200, 200, 200]
    grow_old(cache, 1)
    assert [reader.get("/half").status_code for _time in range(3)] == [503, 503, 503]


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_it_is_gone_from_all_processes_after_its_ttl_whether_the_site_works_or_not(
    site: Site, caches: list[PageCache], status: int
) -> None:
    assert asked(caches) == [200] * 6
    site.status = status

    for cache in caches:
        grow_old(cache)

    assert asked(caches) == [status] * 6
    assert [(cache.size, len(cache.responses)) for cache in caches] == [(0, 0), (0, 0)]


def test_a_thousand_readers_cost_one_page_here_too(site: Site, reader: Client) -> None:
    pages = {reader.get(PROMPT_PAGE).data for _reader in range(1000)}

    assert pages == {site.body}
    assert site.asked <= 3


def test_nobody_gets_the_old_one_because_the_new_one_takes_long(
    site: Site, cache: PageCache, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "REFRESH_TIMEOUT", 0.01)
    reader.get(PROMPT_PAGE)
    grow_old(cache)
    site.goes_on.clear()

    with ThreadPoolExecutor(3) as readers:
        answers = [readers.submit(reader.get, PROMPT_PAGE) for _reader in range(3)]
        while site.asked < 4:
            time.sleep(0.001)
        site.status = 410
        site.goes_on.set()

    assert {answer.result().status_code for answer in answers} == {410}


def test_it_is_as_old_as_what_it_shows_however_long_it_took_to_make(site: Site, cache: PageCache) -> None:
    read_at = []

    def answer() -> Response:
        read_at.append(time.monotonic())
        return site.answer()

    site.app.view_functions["prompt"] = cacheable(ttl=1.0, stale_if_error=0)(answer)
    Client(cache).get(PROMPT_PAGE)

    assert cache.responses[PROMPT_PAGE, ""].expires_at <= read_at[0] + 1.0


def test_no_switch_of_the_site_keeps_it_longer(site: Site) -> None:
    slow = Slow()
    cache = PageCache(site.app, "http://localhost", lambda: slow)
    reader = Client(cache)
    assert (reader.get(PROMPT_PAGE).status_code, reader.get(PAGE).status_code) == (200, 200)
    site.status = 410

    grow_old(cache, 2)

    assert (reader.get(PROMPT_PAGE).status_code, reader.get(PAGE).status_code) == (410, 200)
