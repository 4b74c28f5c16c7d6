"""Every page of organisers is free of faults that axe can find, in light and dark, and fits a small phone."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.organiser_site import KINDS, OrganiserSite, organiser_site

NOTHING = "Found 0 accessibility violations:\n"
# What differs between two views of one page and changes nothing for those who look at it.
UNSEEN = re.compile(r'value="[^"]*"|\?v=\w+|<bdi>[^<]*</bdi>')
# All that can differ in the dark.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OrganiserSite]:
    """Serve a site with organisers of each kind."""
    with organiser_site(tmp_path) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_organisers_and_all_fit(
    site: OrganiserSite, new_page: Callable[..., Page], scheme: str
) -> None:
    faults: list[str] = []
    seen: set[str] = set()
    for kind in KINDS:
        page = new_page(color_scheme=scheme)
        for path in site.paths(kind):
            # Pages for strangers begin a session of their own.
            site.sign_in(page.context, kind)
            answer = page.context.request.get(site.url + path)
            assert answer.status < 500, f"{path} as {kind}"
            view = UNSEEN.sub("", answer.text())
            if view not in seen:
                seen.add(view)
                page.goto(site.url + path)
                faults.extend(
                    f"{path} as {kind}: {fault}" for fault in _faults(page, COLOURS if scheme == "dark" else None)
                )

    assert not faults, "\n".join(faults)


def _faults(page: Page, options: dict[str, list[str]] | None) -> list[str]:
    """Look at a page on a small and a wide screen; the bar and the rail of the frame are never both there.

    ``options`` are those of axe.
    """
    found = []
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        report = Axe().run(page, options=options).generate_report()
        found.extend([report] if report != NOTHING else [])
    page.set_viewport_size({"width": 320, "height": 640})
    needed = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"needs {needed} of 320 pixels"] if needed > 320 else [])
