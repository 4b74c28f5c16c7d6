"""The badge in all official languages: nothing of it reaches over its part, in a browser and as a picture."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from petition.lib import badges, typesetting
from petition.lib.embed_words import EMBED_WORDS, written
from petition.lib.languages import ENDONYMS
from tests.servers import Running

CALL = "keep-culture-open"
NUMBERS = (0, 12, 7512, 1_234_567, 98_765_432)
OVER = """() => {
  const [number, ...label] = document.querySelectorAll('text');
  const edge = document.querySelector('path').getBBox().width;
  const over = [];
  const inside = (text, from, to) => {
    const { x, width, y, height } = text.getBBox();
    if (x < from || x + width > to || y < -1 || y + height > 41) over.push(`${text.textContent}: ${x} + ${width}`);
  };
  inside(number, 0, edge);
  for (const line of label) inside(line, edge, 240);
  return over;
}"""


def test_every_language_has_its_words() -> None:
    assert EMBED_WORDS.keys() == ENDONYMS.keys()
    assert all(all(words) and "{goal}" in words.of for words in EMBED_WORDS.values())
    said = [word.replace("{goal}", "9").strip() for words in EMBED_WORDS.values() for word in words]
    assert [typesetting.shown(word) for word in said] == said


def test_nothing_reaches_over_its_part(demo: Running, new_page: Callable[..., Page]) -> None:
    page = new_page()
    source = page.request.get(f"{demo.url}/counters/{CALL}.svg").text()
    start, end = source.index("<g "), source.index("</g>")
    for lang, words in EMBED_WORDS.items():
        for number in NUMBERS:
            badge = badges.layout(written(number, lang), words.signatures)
            page.set_content(_drawn(source[:start], badge, written(number, lang)) + source[end + 4 :])
            assert page.evaluate(OVER) == [], (lang, number)


def _drawn(head: str, badge: badges.Badge, number: str) -> str:
    head = re.sub(r"M4 0H[\d.]+V", f"M4 0H{badge.number_width}V", head)
    font = "font-family=\"system-ui,-apple-system,'Segoe UI',Roboto,'Source Sans 3','DejaVu Sans',sans-serif\""
    lines = "".join(
        f'<text x="{badge.label_x}" y="{y}" font-size="{badge.label_size}">{line}</text>' for y, line in badge.lines
    )
    return (
        f'{head}<g {font} text-anchor="middle"><text x="{badge.number_width / 2}" y="26" '
        f'font-size="{badge.number_size}" font-weight="700">{number}</text>{lines}</g>'
    )


@pytest.mark.parametrize("lang", EMBED_WORDS)
def test_a_picture_for_newsletters_is_drawn_in_each_language(demo: Running, page: Page, lang: str) -> None:
    answer = page.request.get(f"{demo.url}/counters/{CALL}.png?lang={lang}")
    picture = Image.open(BytesIO(answer.body()))

    assert (answer.status, picture.size, answer.headers["content-type"]) == (200, (480, 80), "image/png")
    assert len(answer.body()) < 12_000
    other = Image.open(BytesIO(page.request.get(f"{demo.url}/counters/{CALL}.png?lang={lang}&label=x").body()))
    assert ImageChops.difference(picture.convert("RGB"), other.convert("RGB")).getbbox() is not None
