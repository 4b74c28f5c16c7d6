"""A small site behind a page cache."""

from threading import Event

import pytest
from flask import Flask, Response, request
from werkzeug.test import Client

from petition.http.cacheable import cacheable, one_of, truncated
from petition.http.page_cache import PageCache

PAGE = "/pages/a-page"
PROMPT_PAGE = "/prompt"
BADGE = "/badge"


class Site:
    """A small site whose state a test can change, and that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked, self.status, self.body, self.headers = 0, 200, b"a page " * 200, {"Content-Type": "text/html"}
        self.goes_on = Event()
        self.goes_on.set()
        self.app = Flask("toy", static_folder=None)
        self.app.add_url_rule("/pages/<name>", "page", cacheable(ttl=1.0)(self.answer), methods=["GET", "POST"])
        self.app.add_url_rule(PROMPT_PAGE, "prompt", cacheable(ttl=1.0, stale_if_error=0)(self.answer))
        self.app.add_url_rule("/secret", "secret", self.answer)
        self.app.add_url_rule(
            BADGE,
            "badge",
            cacheable(ttl=1.0, params={"lang": one_of(("en", "fr"), "en"), "label": truncated(60)})(self.badge),
        )

    def answer(self, name: str = "") -> Response:
        self.asked += 1
        self.goes_on.wait(10)
        return Response(self.body, self.status, self.headers)

    def badge(self) -> str:
        self.asked += 1
        return f"{request.args.get('lang')} {request.args.get('label')} {len(request.args)}"


def grow_old(cache: PageCache, seconds: float = 1.0) -> None:
    """Let all cached responses be so much older."""
    for response in cache.responses.values():
        response.rendered_at -= seconds
        response.expires_at -= seconds


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def cache(site: Site) -> PageCache:
    return PageCache(site.app, "http://localhost")


@pytest.fixture
def reader(cache: PageCache) -> Client:
    return Client(cache)
