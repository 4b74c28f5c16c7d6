"""Saves a picture of every organiser's page: ``python -m tests.browser.pictures FOLDER [KIND …]``."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import NAMES, QUIET
from tests.organiser_site import KINDS, OrganiserSite, organiser_site

_HEIGHT = "document.documentElement.scrollHeight"
SIZES = {"phone": (390, 844), "wide": (1280, 900)}


def main(folder: Path, kinds: list[str]) -> None:
    """Save each page as each kind of organiser sees it, on a phone and on a wide screen, light and dark."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    with (
        TemporaryDirectory() as data,
        organiser_site(Path(data)) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=QUIET) as browser,
    ):
        for kind in kinds:
            for size in SIZES:
                for scheme in ("light", "dark"):
                    _save(browser, site, folder / kind, size, scheme)


def _save(browser: Browser, site: OrganiserSite, folder: Path, size: str, scheme: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
    )
    page = context.new_page()
    for path in site.paths(folder.name):
        # Pages for strangers begin a session of their own.
        site.sign_in(context, folder.name)
        answer = page.goto(site.url + path)
        if answer and answer.ok:
            # Of a token only its beginning: names of files have an end.
            name = path.strip("/").replace("/", ".")[:60]
            # The whole page in one window, so that what sticks to the edge of a window stands at its end.
            page.set_viewport_size({"width": width, "height": max(height, page.evaluate(_HEIGHT))})
            page.screenshot(path=folder / f"{name}.{size}.{scheme}.png")
            page.set_viewport_size({"width": width, "height": height})
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(KINDS))
