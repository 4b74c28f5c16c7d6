"""Every page is free of faults that axe can find, in light and dark, and fits a small phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from petition.lib import clock, tokens
from tests import factories
from tests.servers import Running

PAGES = (
    "/en/",
    "/fr/campaigns/allezculture",
    "/en/calls/keep-culture-open",
    "/de/calls/keep-culture-open",
    "/fr/calls/keep-culture-open-2013",
    "/en/calls/keep-culture-open/check-mail",
    "/de/my-signatures",
    "/en/my-signatures/sent",
    "/en/privacy",
    "/fr/accessibility",
    "/de/imprint",
    "/en/erased",
    "/en/nothing-here",
    "/mailbox",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(demo: Running, new_page: Callable[..., Page], path: str, scheme: str) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(demo.url + path)

    assert Axe().run(page).generate_report() == _NOTHING


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_behind_links(
    live: Running, session: Session, dialect: str, new_page: Callable[..., Page], scheme: str
) -> None:
    call = factories.make_call(session)
    waiting = factories.sign(session, call, email="waiting@example.org", story="Because.").id
    counted = factories.confirm(session, call).id
    clock.stop(clock.now() - timedelta(days=8))
    expired = tokens.make("confirm", waiting)
    clock.start()
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)

    for path in (
        f"confirm/{tokens.make('confirm', waiting)}",
        f"confirm/{tokens.make('confirm', counted)}",
        f"confirm/{expired}",
        f"not-me/{tokens.make('not-me', waiting)}",
        f"me/{tokens.make('me', waiting)}",
        f"me/{tokens.make('me', counted)}",
    ):
        page.goto(f"{live.url}/en/{path}")
        assert Axe().run(page).generate_report() == _NOTHING, path
    page.goto(f"{live.url}/en/not-me/{tokens.make('not-me', waiting)}")
    page.click("main button")
    assert Axe().run(page).generate_report() == _NOTHING


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_at_320_pixels(demo: Running, new_page: Callable[..., Page], path: str) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(demo.url + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


_NOTHING = "Found 0 accessibility violations:\n"
