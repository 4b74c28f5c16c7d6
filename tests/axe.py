"""What axe finds wrong with a page."""

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NOTHING = "Found 0 accessibility violations:\n"
# All that can differ in the dark.
COLOURS = ("color-contrast", "link-in-text-block")

_AXE = Axe()


def look(page: Page, *rules: str) -> str:
    """Return the report about a page as it stands, by all of axe's rules or by these; ``NOTHING`` without a fault.

    Axe is put into a page once, and asked for faults only: what is right would fill megabytes.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.axe_script)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    return str(AxeResults(page.evaluate("options => axe.run(options)", options)).generate_report())
