"""Fixtures that show pages in a real browser and watch what the pages do there."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all tests of the session."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: nothing was tested in a browser. Install chromium and run again.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page in a fresh browser profile; it takes Playwright's context options.

    The test fails when a page asks another machine, breaks its content security policy or its script fails.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Paris"} | options)
        context.set_default_timeout(10_000)
        context.on("request", lambda request: faults.extend(_foreign(request)))
        context.on("console", lambda message: faults.extend(_broken_policy(message)))
        context.on("weberror", lambda error: faults.append(f"script failed: {error.error}"))
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Open one page on a wide screen."""
    return new_page(viewport={"width": 1280, "height": 900})


def _foreign(request: Request) -> list[str]:
    host = urlsplit(request.url).hostname or "localhost"
    return [] if host == "127.0.0.1" or host.split(".")[-1] == "localhost" else [f"asked another host: {request.url}"]


def _broken_policy(message: ConsoleMessage) -> list[str]:
    return [message.text] if "Content Security Policy" in message.text else []
