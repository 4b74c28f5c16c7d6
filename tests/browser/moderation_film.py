"""Twenty stories moderated with the keyboard alone: ``python -m tests.browser.moderation_film FOLDER`` pictures it."""

import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from petition import db
from petition.models import Call
from tests.chromium import NAMES, QUIET
from tests.factories import make_story
from tests.organiser_site import OrganiserSite, organiser_site

STORIES = 20

# What is typed for a story: most are approved, some refused by a class, some sent back with a question.
APPROVE, REFUSE, ASK = ["a"], ["r", "ArrowDown", "ArrowDown", "Enter"], ["e", "Who wrote it?", "Tab", "Enter"]


def keys_for(number: int) -> list[str]:
    """Return what is typed for the story of a number."""
    if number % 5 == 3:
        return REFUSE
    return ASK if number % 7 == 5 else APPROVE


def tell(site: OrganiserSite) -> None:
    """Let some stories wait that are long enough to be read."""
    call = db.session.get_one(Call, site.ids["open"])
    for number in range(STORIES):
        make_story(db.session, call, f"Story {number}: " + "a library is where I learned to read, and to listen. " * 4)


def moderate(page: Page, site: OrganiserSite, folder: Path | None = None) -> float:
    """Moderate them, looking twice and changing one's mind once; returns the seconds for each story.

    Beginning with the second look nothing but the keyboard is used.
    """
    page.goto(f"{site.url}/organise/teams/{site.ids['team']}/stories?call={site.ids['open']}")
    start, steps = time.monotonic(), 0

    def press(keys: list[str], *, leads_on: bool = True) -> None:
        nonlocal steps
        for key in keys[:-1]:
            page.keyboard.type(key) if " " in key else page.keyboard.press(key)
        if folder:
            page.screenshot(path=folder / f"{steps:03}.png")
            steps += 1
        if not leads_on:
            return page.keyboard.press(keys[-1])
        with page.expect_navigation():
            page.keyboard.press(keys[-1])
        return None

    keys = page.locator("[data-keys]")
    press(["?"], leads_on=False)
    keys.wait_for()
    if folder:
        page.screenshot(path=folder / "keys.png")
    press(["Escape"], leads_on=False)
    keys.wait_for(state="hidden")
    press(["j"])
    press(["k"])
    for number in range(STORIES):
        press(keys_for(number))
    press(["u"])
    press(["a"])
    return (time.monotonic() - start) / STORIES


def main(folder: Path) -> None:
    """Keep a picture of each step on a wide screen, and print how long a story took."""
    folder.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, NAMES)), None)
    with (
        TemporaryDirectory() as data,
        organiser_site(Path(data)) as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=QUIET) as browser,
    ):
        tell(site)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        site.sign_in(context, "owner")
        seconds = moderate(context.new_page(), site, folder)
        print(f"{STORIES} stories, {seconds:.2f} seconds each, reading and thinking not counted")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
