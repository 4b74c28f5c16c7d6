"""The generator, and the card that programs make of an address, in a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.axe import NOTHING, look
from tests.counter_page import opened
from tests.partner_site import PartnerSite
from tests.servers import Running

CALL = "keep-culture-open"
# What WordPress does around an iframe of a provider that it found by itself.
WORDPRESS = """<!doctype html><html lang=en><title>A blog</title><main><h1>A blog</h1>
<iframe sandbox="allow-scripts" security="restricted" class="wp-embedded-content" data-secret="s3cret" title="x"
  src="{card}#?secret=s3cret" width="600" height="340" frameborder="0"></iframe></main>
<script>
  window.said = [];
  addEventListener("message", ({{ data, source }}) => {{
    const frame = document.querySelector("iframe");
    if (!data || !(data.secret || data.message || data.value) || /[^a-zA-Z0-9]/.test(data.secret)) return;
    if (source !== frame.contentWindow || data.secret !== frame.dataset.secret) return;
    said.push(data);
    if (data.message === "height") frame.height = Math.min(1000, Math.max(200, parseInt(data.value, 10)));
    if (data.message === "link" && new URL(data.value).host === new URL(frame.src).host) top.location.href = data.value;
  }});
</script>"""


def test_wordpress_shows_the_card_and_follows_its_links(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page()
    said = page.request.get(f"{demo.url}/oembed?url={demo.url}/en/calls/{CALL}?partner=dream-library").json()
    card = said["html"].partition('<iframe src="')[2].partition('"')[0].replace("&amp;", "&")
    with PartnerSite(WORDPRESS.format(card=card), host="blog.localhost") as blog:
        page.goto(blog.url)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("link", name="Sign", exact=True)).to_be_visible()
        page.wait_for_function("said.some(({ message }) => message === 'height')")
        assert page.evaluate("said[0].value") > 200
        frame.get_by_role("link", name="Sign", exact=True).click()

        page.wait_for_url(f"{demo.url}/en/calls/{CALL}?*")
        assert "partner=dream-library" in page.url


@pytest.mark.parametrize("width", [320, 1280])
def test_the_generator_shows_what_is_chosen(demo: Running, new_page: Callable[..., Page], width: int) -> None:
    page = opened(new_page(viewport={"width": width, "height": 900}))
    page.goto(f"{demo.url}/en/calls/{CALL}/embed")
    expect(page.locator("petition-counter")).to_have_count(3)
    assert look(page) == NOTHING
    page.locator("select#lang").select_option("el")
    page.get_by_label("Colour of the button").fill("#ffff00")

    expect(page.get_by_text("On a light page this colour can hardly be seen.")).to_be_visible()
    expect(page.locator("#code-counter")).to_have_value(re.compile("υπογραφές"))
    expect(page.locator("petition-counter >> text=υπογραφές").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert look(page) == NOTHING


def test_without_a_script_it_is_a_form(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{demo.url}/en/calls/{CALL}/embed")
    page.get_by_label("Size").select_option("small")
    page.get_by_role("button", name="Show the code").click()

    assert 'data-size="small"' in page.locator("#code-counter").input_value()
    expect(page.locator(".preview img")).to_have_count(3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_card(demo: Running, new_page: Callable[..., Page], theme: str) -> None:
    page = new_page(viewport={"width": 320, "height": 400})
    page.goto(f"{demo.url}/embed/{CALL}/card?theme={theme}")

    assert look(page) == NOTHING
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
