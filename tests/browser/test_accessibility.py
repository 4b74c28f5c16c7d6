"""Every page is free of faults that axe can find, in light and dark, and fits a small phone."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from petition.domain import supporters
from petition.lib import clock, tokens
from tests import axe, factories
from tests.servers import Running

PAGES = (
    "/en/",
    "/fr/campaigns/allezculture",
    "/en/calls/keep-culture-open",
    "/de/calls/keep-culture-open",
    "/fr/calls/keep-culture-open-2013",
    "/en/calls/keep-culture-open/check-mail",
    "/en/report?about=call:keep-culture-open",
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

    assert axe.look(page) == axe.NOTHING


# What a page looks like does not depend on what is behind it.
@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_behind_links(
    live: Running, session: Session, dialect: str, new_page: Callable[..., Page], scheme: str
) -> None:
    call = factories.make_call(session)
    first = factories.sign(session, call, email="waiting@example.org", story="Because.")
    factories.sign(session, call, email="waiting@example.org", name="Somebody Else")
    waiting, counted = first.link_id, factories.confirm(session, call).link_id
    withdrawn = factories.confirm(session, call, email="withdrawn@example.org")
    supporters.withdraw(session, withdrawn)
    session.commit()
    clock.stop(clock.now() - timedelta(days=40))
    expired, long_gone = tokens.make("confirm", waiting), tokens.make("me", counted)
    clock.start()
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)

    def check(state: str) -> None:
        assert axe.look(page) == axe.NOTHING, state

    for path in (
        f"confirm/{tokens.make('confirm', waiting)}",
        f"confirm/{tokens.make('confirm', counted)}",
        f"confirm/{expired}",
        f"not-me/{tokens.make('not-me', waiting)}",
        f"not-me/{tokens.make('not-me', counted)}",
        f"not-me/{tokens.make('not-me', '999.abc')}",
        f"me/{tokens.make('me', waiting)}",
        f"me/{tokens.make('me', counted)}",
        f"me/{tokens.make('me', counted)}?saved=1",
        f"me/{tokens.make('me', withdrawn.link_id)}",
        f"me/{long_gone}",
        f"me/{long_gone[:-6]}",
    ):
        page.goto(f"{live.url}/en/{path}")
        check(path)

    page.goto(f"{live.url}/en/confirm/{tokens.make('confirm', waiting)}")
    page.click("main details summary")
    check("the words before they count, open")
    page.fill("#name", "")
    page.click("main details form button")
    check("the words before they count, with an error")
    page.goto(f"{live.url}/en/confirm/{tokens.make('confirm', waiting)}")
    page.locator("[name=version]").first.evaluate("field => field.value = 'another'")
    page.click("form#confirm button")
    check("words that were changed meanwhile")

    for path in (
        f"not-me/{tokens.make('not-me', waiting)}",
        f"silence/{tokens.make('silence', first.email_digest.hex())}",
    ):
        page.goto(f"{live.url}/en/{path}")
        check(path)
        for act in ("done", "undone"):
            page.click("main button")
            check(f"{path} {act}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_the_typed_address_is_shown(
    demo: Running, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.goto(f"{demo.url}/en/calls/keep-culture-open")
    page.evaluate(
        "sessionStorage.setItem('petition.typed', JSON.stringify({at: Date.now(), path: location.pathname,"
        " fields: [['email', 'suzie@example.org']]}))"
    )

    page.goto(f"{demo.url}/en/calls/keep-culture-open/check-mail")

    expect(page.locator("[data-typed]")).to_contain_text("suzie@example.org")
    assert axe.look(page) == axe.NOTHING


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_at_320_pixels(demo: Running, new_page: Callable[..., Page], path: str) -> None:
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(demo.url + path)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
