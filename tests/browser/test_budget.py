"""A call page is small: few requests, few bytes, and nothing jumps."""

import gzip
from collections.abc import Callable

from playwright.sync_api import Page, Response

from tests.servers import Running

REQUESTS = 5
BYTES = 60_000


def test_a_call_page_keeps_to_its_budget(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)

    page.goto(f"{demo.url}/en/calls/keep-culture-open", wait_until="networkidle")

    sizes = {answer.url.removeprefix(demo.url): len(gzip.compress(answer.body())) for answer in answers}
    assert len(sizes) <= REQUESTS, sizes
    assert len([path for path in sizes if ".css" in path]) == 1, sizes
    assert sum(sizes.values()) <= BYTES, sizes


def test_nothing_jumps_while_a_call_page_loads(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) window.shift += e.value })"
        ".observe({type: 'layout-shift', buffered: true})"
    )

    page.goto(f"{demo.url}/en/calls/keep-culture-open", wait_until="networkidle")
    page.mouse.wheel(0, 4000)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert page.evaluate("window.shift") < 0.01
