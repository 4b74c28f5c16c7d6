"""Pages of other people do as they like: the counter works there or stays a link, and never gets in their way."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.counter_page import PetitionSite

# Pages whose scripts ran before ours.
HARMLESS = {
    "pollution": """for (const name of ["total", "goal", "closed", "label", "lang", "theme", "host", "last", "style",
        "method", "body", "headers", "mode", "window", "signal", "rootMargin", "threshold", "root", "duplex",
        "cache", "integrity", "redirect", "currency", "attributeOldValue", "slotAssignment", "fatal", "get", "set", "value"])
        Object.prototype[name] = "polluted";""",
    "old library": """Array.prototype.toJSON = function () { return "x"; };
        Array.from = () => { throw new Error("old"); };
        Element.prototype.remove = function () { this.parentNode?.removeChild(this); };""",
    "later": """addEventListener("load", () => { window.fetch = () => { throw new Error("fetch"); };
        window.JSON = window.Intl = window.URL = undefined; });""",
}
HOSTILE = {
    "throwing fetch": "window.fetch = () => { throw new Error('no'); };",
    "odd fetch": "window.fetch = () => undefined;",
    "rejecting fetch": "window.fetch = () => Promise.reject(undefined);",
    "odd answer": "window.fetch = async () => ({ status: 200, body: { getReader() { return null; } } });",
    "no fetch": "delete window.fetch;",
    "no observers": "delete window.IntersectionObserver;",
    "throwing observers": "window.MutationObserver = class { constructor() { throw new Error('no'); } };",
    "no custom elements": "Object.defineProperty(window, 'customElements', { value: undefined });",
    "name taken": "customElements.define('petition-counter', class extends HTMLElement {});",
    "no shadow": "Element.prototype.attachShadow = () => { throw new Error('no'); };",
    "no JSON": "JSON.parse = () => { throw new Error('no'); };",
    "throwing timers": "window.setTimeout = () => { throw new Error('no'); };",
    "strange getters": "Object.defineProperty(window, 'fetch', { get() { throw new Error('no'); } });",
}

HOSTILE_STYLE = """<style>
  * { all: unset !important; color: lime !important; display: inline !important; font-size: 40px !important }
  petition-counter, petition-counter * { display: none !important; position: fixed !important; width: 1px !important }
  :root { --paper: red; --ink: red; --accent: red }
</style>"""


@pytest.mark.parametrize("script", HARMLESS.values(), ids=HARMLESS)
def test_what_a_page_does_to_its_globals_does_no_harm(
    site: PetitionSite, visit: Callable[..., Page], script: str
) -> None:
    page = visit(site.link(), script=script)

    expect(page.locator(".figure")).to_have_text("1,234 signatures of 2,000")
    site.count(1235, 2000)
    page.clock.fast_forward("01:00")
    expect(page.locator("b")).to_have_text("1,235")


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_where_it_cannot_work_the_link_stays(site: PetitionSite, visit: Callable[..., Page], script: str) -> None:
    page = visit(site.link(), script=script)
    site.wait_for("/petition.js", 1)
    page.evaluate("() => new Promise(requestAnimationFrame)")

    expect(page.locator("a.petition-counter img")).to_be_visible()
    expect(page.locator("petition-counter")).to_have_count(0)


def test_styles_of_the_page_do_not_get_in(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link(), HOSTILE_STYLE)
    expect(page.locator(".figure")).to_be_visible()

    styles = page.locator("petition-counter").evaluate("""host => {
      const of = (name) => getComputedStyle(name ? host.shadowRoot.querySelector(name) : host);
      return [of().display, of().position, of().width, of("b").fontSize, of("b").color, of("a").display];
    }""")
    assert styles == ["inline-block", "static", "360px", "20px", "rgb(28, 27, 25)", "grid"]


def test_without_style_sheets_of_its_own_it_is_a_readable_line(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link(), script="delete window.CSSStyleSheet;")

    expect(page.locator(".box")).to_have_text("1,234 signatures of 2,000 Sign")
    assert page.locator(".box").evaluate("box => box.clientHeight") < 40


def test_a_script_that_is_there_twice_makes_one_counter(site: PetitionSite, visit: Callable[..., Page]) -> None:
    scripts = "".join(
        f'<script {kind} src="{site.url}/petition.js?{kind}"></script>' for kind in ("type=module", "async")
    )
    site.answers |= {f"/petition.js?{kind}": site.answers["/petition.js"] for kind in ("type=module", "async")}
    page = visit(site.link() + scripts)

    expect(page.locator("b")).to_have_text("1,234")
    page.wait_for_load_state("networkidle")
    expect(page.locator("petition-counter")).to_have_count(1)
    assert site.requests == 1


def test_a_script_that_comes_late_finds_what_is_there(site: PetitionSite, visit: Callable[..., Page]) -> None:
    script = site.answers.pop("/petition.js")
    page = visit(site.link())
    expect(page.locator("a.petition-counter img")).to_be_visible()

    site.answers["/late.js"] = script
    page.add_script_tag(url=f"{site.url}/late.js")

    expect(page.locator("b")).to_have_text("1,234")


def test_a_page_inserts_moves_changes_and_removes_counters(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("<div id=a></div><div id=b></div>")
    page.wait_for_function("!!customElements.get('petition-counter')")
    page.evaluate("link => a.setHTMLUnsafe(`<p>${link}</p>`)", site.link())
    expect(page.locator("#a petition-counter b")).to_have_text("1,234")

    page.evaluate("b.append(a.querySelector('a'))")
    expect(page.locator("#b a + petition-counter b")).to_have_text("1,234")
    expect(page.locator("#a petition-counter")).to_have_count(0)

    page.evaluate("b.querySelector('a').dataset.label = 'names'")
    expect(page.locator("#b .label")).to_have_text("names")
    expect(page.locator("petition-counter")).to_have_count(1)

    page.evaluate("window.kept = b.querySelector('a'); kept.remove()")
    expect(page.locator("petition-counter")).to_have_count(0)
    assert page.evaluate("kept.outerHTML").count("display") == 0
    before = site.requests
    page.clock.fast_forward("30:00")
    page.evaluate("() => fetch('/other')")
    assert site.requests == before

    page.evaluate("a.append(kept)")
    expect(page.locator("#a petition-counter .label")).to_have_text("names")


def test_a_page_that_throws_the_counter_out_again_and_again_gets_its_link(
    site: PetitionSite, visit: Callable[..., Page]
) -> None:
    script = """new MutationObserver(() => document.querySelectorAll("petition-counter").forEach((node) => node.remove()))
      .observe(document, { childList: true, subtree: true });"""
    page = visit(site.link(), script=script)
    site.wait_for("/counters/open-culture.json", 1)

    expect(page.locator("petition-counter")).to_have_count(0)
    expect(page.locator("a.petition-counter img")).to_be_visible()


def test_what_was_removed_is_forgotten(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(site.link())
    expect(page.locator("b")).to_have_text("1,234")

    page.evaluate("""() => {
      const link = document.querySelector("a.petition-counter");
      window.traces = [link, document.querySelector("petition-counter")].map((node) => new WeakRef(node));
      link.remove();
    }""")
    expect(page.locator("petition-counter")).to_have_count(0)
    # What the browser itself still has to tell its observers holds them a little longer.
    for _time in range(20):
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.request_gc()
        left = page.evaluate("traces.filter((trace) => trace.deref()).length")
        if left == 0:
            break

    assert left == 0


def test_a_hidden_place_costs_nothing_until_it_is_shown(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit(f"<div id=tab style='display: none'>{site.link()}</div>")
    page.clock.fast_forward("10:00")
    page.evaluate("() => fetch('/other')")
    assert site.requests == 0

    page.evaluate("tab.style.display = ''")
    expect(page.locator("b")).to_have_text("1,234")
    page.evaluate("tab.style.display = 'none'")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.clock.fast_forward("10:00")
    page.evaluate("() => fetch('/other')")
    assert site.requests == 1


def test_it_works_inside_a_shadow_root(site: PetitionSite, visit: Callable[..., Page]) -> None:
    page = visit("<div id=app></div>")
    wrapped = f"<petition-counter>{site.link()}</petition-counter>"
    page.evaluate("html => app.attachShadow({ mode: 'open' }).setHTMLUnsafe(html)", wrapped)
    expect(page.locator("#app b")).to_have_text("1,234")

    page.evaluate("app.shadowRoot.replaceChildren()")
    expect(page.locator("#app b")).to_have_count(0)
    before = site.requests
    page.clock.fast_forward("10:00")
    page.evaluate("() => fetch('/other')")
    assert site.requests == before
