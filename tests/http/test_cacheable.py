"""Only what a view declares is cached, and it depends on nothing but its path and the parameters declared."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import Client

from petition.http.cacheable import DAY, HOURLY, cacheable, declaration
from petition.http.page_cache import PageCache
from tests import factories
from tests.conftest import StoppedClock
from tests.http.conftest import BADGE, PAGE, Site


def test_what_no_view_declares_is_never_cached(site: Site, cache: PageCache, reader: Client) -> None:
    site.headers |= {"Cache-Control": "public, max-age=1"}
    for _time in range(3):
        reader.get("/secret")

    assert site.asked == 3
    assert cache.size == 0


def test_a_view_without_headers_of_its_own_gets_those_that_it_declares(site: Site) -> None:
    site.app.add_url_rule(
        "/hourly", "hourly", cacheable(ttl=60.0, cache_control=HOURLY, stale_if_error=DAY)(lambda: "a page")
    )
    answer = site.app.test_client().get("/hourly")

    assert answer.headers["Cache-Control"] == "public, max-age=3600, stale-if-error=86400"
    again = site.app.test_client().get("/hourly", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_what_a_reader_adds_to_the_address_makes_no_new_page(site: Site, cache: PageCache, reader: Client) -> None:
    for number in range(50):
        reader.get(f"{PAGE}?utm_source={number}&label={number}")
        reader.get(f"{PAGE}?{number}{'x' * 60_000}")

    assert site.asked <= 3
    assert len(cache.responses) == 1


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", "None None 0"),
        ("lang=fr", "fr None 1"),
        ("lang=en", "None None 0"),
        ("lang=xx", "None None 0"),
        ("LANG=fr&lang[]=fr", "None None 0"),
        ("lang=fr&lang=en", "fr None 1"),
        ("label=+voices++&utm_source=x", "None voices 1"),
        ("label=voix&lang=fr", "fr voix 2"),
        ("x&&;=&lang=fr&%", "fr None 1"),
        ("label=%C3%A9t%C3%A9", "None été 1"),
        ("label=%ff", "None \ufffd 1"),
        ("label=" + "x" * 60_000, f"None {'x' * 60} 1"),
    ],
)
def test_a_view_sees_what_it_declares_and_nothing_else(site: Site, reader: Client, query: str, body: str) -> None:
    assert reader.get(f"{BADGE}?{query}").text == reader.get(f"{BADGE}?{query}").text == body
    assert site.app.test_client().get(f"{BADGE}?{query}").text == body
    assert site.asked == 2


def test_a_question_mark_in_a_path_is_not_a_query(site: Site, reader: Client) -> None:
    reader.get(f"{BADGE}?lang=fr")

    assert reader.get(f"{BADGE}%3Flang=fr").status_code == 404


def test_what_the_platform_caches_is_this(app: Flask) -> None:
    declared = {name: found for name, view in app.view_functions.items() if (found := declaration(view))}

    assert {name: (found.ttl, *found.params) for name, found in declared.items()} == {
        "about.accessibility": (60.0,),
        "about.imprint": (60.0,),
        "cards.call": (60.0,),
        "cards.picture": (60.0,),
        "cards.story": (1.0,),
        "about.privacy": (60.0,),
        "calls.call": (1.0,),
        "changes.changes": (1.0, "before"),
        "campaigns.campaign": (1.0,),
        "campaigns.index": (1.0,),
        "counters.json": (1.0,),
        "counters.png": (10.0, "lang", "label", "style"),
        "counters.svg": (1.0, "lang", "label", "style"),
        "framed.card": (1.0, "lang", "theme"),
        "framed.form": (1.0, "lang", "theme"),
        "embed_scripts.present": (60.0,),
        "embed_scripts.released": (60.0,),
        "signing.check_mail": (1.0,),
        "stories.heroes": (1.0, "after"),
        "stories.index": (1.0,),
        "stories.story": (1.0,),
        "stories.wall": (1.0, "show", "language", "country", "hero", "after", "before"),
        "story_feeds.atom": (1.0,),
        "story_feeds.json": (1.0, "after"),
        "static": (60.0,),
    }
    # What must be gone at once outlives no error.
    assert {name for name, found in declared.items() if not found.stale_if_error} == {
        name for name in declared if "stor" in name
    }
    assert not any("token" in rule.arguments for rule in app.url_map.iter_rules() if rule.endpoint in declared)


@pytest.mark.parametrize(
    "path",
    [
        "/en/me/1.x.y",
        "/en/confirm/1.x.y",
        "/en/calls/../me/x",
        "/static/../wsgi.py",
        "/static/nothing.css",
        "/static",
        "/xx/",
        "/en/nope",
        "/en",
        "/en/calls/caf%C3%A9",
        "//en/",
        "/healthz",
    ],
)
def test_other_paths_are_never_cached(app: Flask, path: str) -> None:
    cache = PageCache(app, "http://localhost")

    Client(cache).get(path)

    assert cache.size == 0


def test_a_static_file_is_cached_once_whatever_its_version(app: Flask) -> None:
    cache = PageCache(app, "http://localhost")
    reader = Client(cache)

    answers = [reader.get(f"/static/css/site.css?v={number}") for number in range(3)]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"public, max-age=31536000"}
    assert list(cache.responses) == [("/static/css/site.css", "")]
    with reader.get("/static/css/site.css", headers={"Range": "bytes=0-9"}) as part:
        assert (part.status_code, part.data) == (206, answers[0].data[:10])


def test_a_cached_page_is_the_same_for_every_reader(app: Flask, session: Session, stopped_clock: StoppedClock) -> None:
    factories.confirm(session, factories.make_call(session))
    reader = Client(PageCache(app, "http://localhost"))

    pages = {
        reader.get("/en/calls/open-culture", headers=headers).data
        for headers in (
            {},
            {"Host": "evil.example"},
            {"Cookie": "session=1", "Accept-Language": "fr", "User-Agent": "x"},
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
        )
    }

    assert len(pages) == 1
    assert b"evil.example" not in pages.pop()
