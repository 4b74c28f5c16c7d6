"""A museum pastes the snippet; its visitors see the true number and come here to sign."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from petition.lib import embed_scripts
from tests.counter_page import opened
from tests.partner_site import PartnerSite
from tests.servers import Running

CALL = "keep-culture-open"
POLICY = (
    "default-src 'none'; script-src {site}; connect-src {site}; img-src {site}; style-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html><html lang=en><title>A museum</title><main><h1>A museum</h1>
<a class="petition-counter" href="{site}/en/calls/{call}?partner=museum" data-call="{call}"><img
  src="{site}/counters/{call}.svg" width="360" height="56" alt="Keep culture open"></a></main>
<script type="module" src="{site}{path}" integrity="{integrity}" crossorigin="anonymous"></script>"""


@pytest.mark.parametrize("is_pinned", [True, False], ids=["with its hash", "the present one"])
def test_a_partner_shows_the_counter_of_the_platform(
    demo: Running, new_page: Callable[..., Page], is_pinned: bool
) -> None:
    script = embed_scripts.current("petition")
    html = PAGE.format(site=demo.url, call=CALL, path=script.path, integrity=script.integrity)
    if not is_pinned:
        html = html.replace(script.path, "/embed/v1/petition.js")
    lines: list[str] = []
    with PartnerSite(html, {"Content-Security-Policy": POLICY.format(site=demo.url)}) as museum:
        page = opened(new_page())
        page.on("console", lambda message: lines.append(message.text))
        page.goto(museum.url)
        total = page.request.get(f"{demo.url}/counters/{CALL}.json").json()["total"]

        expect(page.locator("petition-counter b")).to_have_text(f"{total:,}")
        page.get_by_role("link", name="Sign: Keep culture open").click()

        expect(page).to_have_url(f"{demo.url}/en/calls/{CALL}?partner=museum")
        assert {path for path, _headers in museum.asked} <= {"/", "/favicon.ico"}
    assert lines == []
