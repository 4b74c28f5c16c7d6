"""Every page of organisers is free of faults that axe can find, in light and dark, and fits a small phone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests import axe
from tests.organiser_site import KINDS, OrganiserSite, organiser_site

# What differs between two views of one page and changes nothing for those who look at it.
UNSEEN = re.compile(r'value="[^"]*"|\?v=\w+|<bdi>[^<]*</bdi>')
# So that several processes share the pages.
PARTS = 6


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrganiserSite]:
    """Serve a site with organisers of each kind; looking changes nothing there."""
    with organiser_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_on_any_page_of_organisers_and_all_fit(
    site: OrganiserSite, new_page: Callable[..., Page], part: int
) -> None:
    faults: list[str] = []
    seen: set[str] = set()
    paths = set(site.paths("owner")[part::PARTS])
    for kind in KINDS:
        page = new_page()
        for path in filter(paths.__contains__, site.paths(kind)):
            # Pages for strangers begin a session of their own.
            site.sign_in(page.context, kind)
            answer = page.context.request.get(site.url + path)
            assert answer.status < 500, f"{path} as {kind}"
            view = UNSEEN.sub("", answer.text())
            if view not in seen:
                seen.add(view)
                page.goto(site.url + path)
                faults.extend(f"{path} as {kind}: {fault}" for fault in _faults(page))

    assert not faults, "\n".join(faults)


def _faults(page: Page) -> list[str]:
    """Look at a page on a small and a wide screen; the bar and the rail of the frame are never both there."""
    reports = []
    for width, height in ((390, 844), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        reports.append(axe.look(page))
        page.emulate_media(color_scheme="dark")
        reports.append(axe.look(page, *axe.COLOURS))
    page.set_viewport_size({"width": 320, "height": 640})
    needed = page.evaluate("document.documentElement.scrollWidth")
    return [report for report in reports if report != axe.NOTHING] + (
        [f"needs {needed} of 320 pixels"] if needed > 320 else []
    )
