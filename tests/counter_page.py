"""A stand-in for our site as the counter script sees it, and pages of partners that carry counters."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.partner_site import Answer, PartnerSite

SCRIPT = Path(__file__).parent.parent / "static" / "embed" / "petition.js"
CALL = "open-culture"
JSON = f"/counters/{CALL}.json"
CORS = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
SIZES = {"small": (240, 40), "regular": (360, 56), "large": (320, 200)}

# What a site may forbid at most if it wants the counter.
POLICY = (
    "default-src 'none'; script-src {site}; connect-src {site}; img-src {site}; style-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def _badge(width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="{width}" height="{height}" fill="#ccc"/></svg>'
    )


class PetitionSite(PartnerSite):
    """Our site, with answers that a test chooses; the script is the real one."""

    def __init__(self) -> None:
        super().__init__(host="petition.localhost")
        self.answers["/petition.js"] = Answer(SCRIPT.read_bytes(), headers=CORS, type="text/javascript")
        self.answers |= {
            f"/{size}.svg": Answer(_badge(*box), headers=CORS, type="image/svg+xml") for size, box in SIZES.items()
        }
        self.count(1234, 2000)

    def count(self, total: Any, goal: Any = None, closed: Any = False) -> None:
        """Answer with this total from now on."""
        self.says(json.dumps({"call": CALL, "total": total, "goal": goal, "closed": closed}), type="application/json")

    def says(self, body: str = "", status: int = 200, type: str = "text/html") -> None:  # noqa: A002 - it is the type
        """Answer with this from now on, whatever it is."""
        self.answers[JSON] = Answer(body, status, CORS, type)

    @property
    def requests(self) -> int:
        """How often the counter was asked for."""
        return self.requests_of(JSON)

    def link(self, size: str = "regular", **data: str) -> str:
        """Return the snippet for one counter."""
        badge = size if size in SIZES else "regular"
        width, height = SIZES[badge]
        given = " ".join(f'data-{name}="{value}"' for name, value in {"size": size, "call": CALL, **data}.items())
        image = f'<img src="{self.url}/{badge}.svg" width="{width}" height="{height}" alt="Keep culture open">'
        return f'<a class="petition-counter" href="{self.url}/en/calls/{CALL}?partner=museum" {given}>{image}</a>'

    def page(self, body: str, head: str = "") -> str:
        """Return the page of a partner with the script and this body."""
        script = f'<script type="module" src="{self.url}/petition.js" crossorigin></script>'
        return (
            f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
            f"<title>A museum</title>{head}{script}<body><main><h1>A museum</h1>{body}</main>"
        )


# Opens closed shadow roots to the test, in the page's world, before any script runs.
OPEN = """{
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function () { return attach.call(this, { __proto__: null, mode: "open" }); };
}"""


def opened(page: Page) -> Page:
    """Let a test look into the shadow roots of a page."""
    page.add_init_script(OPEN)
    return page
