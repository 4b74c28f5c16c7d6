"""Fixtures for the counter on pages of other people."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counter_page import PetitionSite, opened
from tests.partner_site import PartnerSite

# No script can keep a browser from saying these when a site is away.
BY_THE_BROWSER = ("Failed to load resource:", "Access to fetch at", "Access to script at")


@pytest.fixture
def site() -> Iterator[PetitionSite]:
    """Run a stand-in for our site."""
    with PetitionSite() as running:
        yield running


@pytest.fixture
def museum() -> Iterator[PartnerSite]:
    """Run the site of a partner."""
    with PartnerSite() as running:
        yield running


@pytest.fixture
def console() -> Iterator[list[str]]:
    """Give what pages write to their console but for the browser's own lines about requests; it has to be nothing."""
    lines: list[str] = []
    yield lines
    assert [line for line in lines if not line.startswith(BY_THE_BROWSER)] == []


@pytest.fixture
def visit(
    new_page: Callable[..., Page], site: PetitionSite, museum: PartnerSite, console: list[str]
) -> Callable[..., Page]:
    """Give a function that opens the partner's page with this body; its clock moves on when the test says so, too."""

    def open_page(body: str, head: str = "", script: str = "", **options: Any) -> Page:
        museum.html = site.page(body, head)
        page = opened(new_page(**options))
        page.on("console", lambda message: console.append(message.text))
        page.clock.install()
        if script:
            page.add_init_script(script)
        page.goto(museum.url)
        return page

    return open_page
