"""The form in a frame, in a browser, on sites of other people."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.axe import NOTHING, look
from tests.browser.test_journey import open_letter
from tests.partner_site import PartnerSite
from tests.servers import Running

CALL = "keep-culture-open"
BODY = """<h1>A museum</h1><p id="before">Before</p>
<iframe class="petition-form" title="Sign: Keep culture open" src="{url}/embed/{call}?{query}"
  width="100%" height="1700" frameborder="0" {more}></iframe><p id="after">After</p>{script}"""
SCRIPT = '<script src="{url}/embed/v1/frame.js" async></script>'


@pytest.fixture
def museum() -> Iterator[PartnerSite]:
    with PartnerSite(headers={"Content-Security-Policy": "default-src 'none'"}) as site:
        yield site


@pytest.fixture
def show(demo: Running, museum: PartnerSite, new_page: Callable[..., Page]) -> Callable[..., tuple[Page, FrameLocator]]:
    """Give a function that opens the museum's page with the form in a frame."""

    def open_page(
        query: str = "lang=en", more: str = "", *, has_script: bool = True, **options: object
    ) -> tuple[Page, FrameLocator]:
        script = SCRIPT.format(url=demo.url) if has_script else ""
        body = BODY.format(url=demo.url, call=CALL, query=query, more=more, script=script)
        museum.headers = {"Content-Security-Policy": f"default-src 'none'; frame-src {demo.url}; script-src {demo.url}"}
        museum.html = f"<!doctype html><html lang=en><title>A museum</title><main>{body}</main>"
        page = new_page(**({"viewport": {"width": 390, "height": 844}} | options))
        page.goto(museum.url)
        return page, page.frame_locator("iframe")

    return open_page


def fill(frame: FrameLocator, email: str) -> None:
    frame.get_by_label("Your name").fill("Ana Almeida")
    frame.get_by_label("Your e-mail address").fill(email)
    frame.get_by_label("Count my support").check()
    # A form that is sent at once is refused as a robot's, and then sent again.
    frame.get_by_role("button", name="Sign").click()
    expect(frame.locator("[data-answer]")).to_be_visible()
    if frame.get_by_role("button", name="Sign").count():
        frame.get_by_role("button", name="Sign").click()


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["script", "no script"])
def test_somebody_signs_on_the_page_of_a_partner(
    show: Callable[..., tuple[Page, FrameLocator]], demo: Running, options: dict[str, object]
) -> None:
    email = f"frame-{len(options)}@example.org"
    page, frame = show("lang=en&partner=dream-library", **options)
    cookies = page.context.cookies
    fill(frame, email)

    expect(frame.get_by_role("heading", name="One more step: check your e-mail")).to_be_visible()
    expect(frame.get_by_text(email)).to_be_visible()
    assert cookies() == []
    letters = page.context.new_page()
    open_letter(letters, demo, email)
    letters.locator("a[href*='/confirm/']").first.click()
    expect(letters.get_by_text("Brought by")).to_be_visible()
    expect(letters.get_by_text("Dream library")).to_be_visible()


def test_the_frame_is_as_high_as_what_it_holds(show: Callable[..., tuple[Page, FrameLocator]]) -> None:
    page, frame = show()
    main = frame.locator("main")
    expect(page.locator("iframe")).not_to_have_attribute("height", "1700")

    height = page.locator("iframe").bounding_box()
    inner = main.bounding_box()
    assert height and inner
    assert abs(height["height"] - inner["height"]) < 40
    assert main.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_an_answer_comes_into_view(show: Callable[..., tuple[Page, FrameLocator]]) -> None:
    page, frame = show()
    frame.get_by_role("button", name="Sign").scroll_into_view_if_needed()
    frame.get_by_role("button", name="Sign").click()

    expect(frame.get_by_role("heading", name="Please check what you typed")).to_be_in_viewport()
    frame.get_by_role("link", name="Please write your name.").click()
    expect(frame.get_by_label("Your name")).to_be_focused()
    assert len(page.context.pages) == 1


def test_a_sandbox_without_an_origin_gets_the_link(show: Callable[..., tuple[Page, FrameLocator]]) -> None:
    page, frame = show(more='sandbox="allow-scripts allow-forms allow-popups"')

    expect(frame.get_by_role("link", name="Sign on the page of the petition")).to_be_visible()
    expect(frame.get_by_role("button", name="Sign")).to_have_count(0)
    # Its messages come from no origin, and are not believed.
    expect(page.locator("iframe")).to_have_attribute("height", "1700")


def test_a_sandbox_without_an_origin_and_a_script_gets_the_link_instead_of_a_refusal(
    show: Callable[..., tuple[Page, FrameLocator]],
) -> None:
    _page, frame = show(more='sandbox="allow-forms"')
    frame.get_by_label("Your name").fill("Ana")
    frame.get_by_role("button", name="Sign").click()

    expect(frame.get_by_text("nothing is signed yet")).to_be_visible()
    expect(frame.get_by_role("link", name="Sign on the page of the petition")).to_be_visible()


def test_messages_of_others_change_nothing(show: Callable[..., tuple[Page, FrameLocator]]) -> None:
    page, _frame = show()
    expect(page.locator("iframe")).not_to_have_attribute("height", "1700")
    before = page.locator("iframe").get_attribute("height")
    page.evaluate(
        """() => new Promise((done) => {
            for (const data of [{ petition: "frame", height: 9 }, null, "x", { petition: "frame", height: "NaN" }]) {
              postMessage(data, "*");
            }
            addEventListener("message", ({ data }) => data === "last" && done());
            postMessage("last", "*");
        })"""
    )

    assert page.locator("iframe").get_attribute("height") == before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(show: Callable[..., tuple[Page, FrameLocator]], demo: Running, theme: str) -> None:
    page, _frame = show(f"lang=de&theme={theme}")
    expect(page.locator("iframe")).not_to_have_attribute("height", "1700")
    alone = page.context.new_page()
    for path in (f"/embed/{CALL}?theme={theme}", f"/embed/no-such-call?theme={theme}"):
        alone.goto(f"{demo.url}{path}")
        assert look(alone) == NOTHING
    colour = "rgb(21, 21, 20)" if theme == "dark" else "rgb(244, 243, 239)"
    assert alone.evaluate("() => getComputedStyle(document.body).backgroundColor") == colour


def test_links_open_beside_the_museum_and_credit_it(
    show: Callable[..., tuple[Page, FrameLocator]], demo: Running
) -> None:
    page, frame = show("lang=en&partner=dream-library")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Read it on its own page").click()

    assert opened.value.url == f"{demo.url}/en/calls/{CALL}?via=embed&partner=dream-library"
    assert page.url.startswith("http://museum.localhost")
