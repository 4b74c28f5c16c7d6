"""Signing with proof of work, in a real browser, with and without JavaScript."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.servers import Running, environment, free_port, process, wait_for


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the demo with proof of work."""
    folder: Path = tmp_path_factory.mktemp("guarded")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    running = Running(
        url, environment(folder, BASE_URL=url, RATE_LIMITS="off", PROOF_OF_WORK="on"), folder / "demo.log"
    )
    with process(running, "demo", "--port", str(port)):
        wait_for(running)
        yield running


def fill(page: Page, url: str) -> None:
    page.goto(f"{url}/en/calls/keep-culture-open")
    page.get_by_label("Your name").fill("Suzie Signer")
    page.get_by_label("Your e-mail address").fill("suzie@example.org")
    page.get_by_label("Count my support").check()


def press_until(page: Page, title: str) -> None:
    """Press the button until a page has this heading; at first a program is too fast for the form."""
    for _attempt in range(20):
        with page.expect_navigation(timeout=30_000):
            page.get_by_role("button", name="Sign", exact=True).click()
        if title in page.get_by_role("heading", level=1).inner_text():
            return
    pytest.fail(f"The page {title} did not come.")


def test_a_browser_solves_the_puzzle_by_itself(guarded: Running, new_page: Callable[..., Page]) -> None:
    page = new_page()
    fill(page, guarded.url)

    press_until(page, "mail")

    assert page.url.endswith("/check-mail")


def test_without_javascript_the_page_asks_to_wait(guarded: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    fill(page, guarded.url)

    press_until(page, "One moment, please")

    expect(page.get_by_role("button", name="Try again with what I typed")).to_be_visible()
