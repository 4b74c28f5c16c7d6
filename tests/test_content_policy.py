"""What templates and static files may hold: no other host is asked, nothing stands inline."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What a browser would fetch by itself: not the target of a plain link, and not the name of an XML namespace.
FETCHED = re.compile(
    r"""\b(?:src|srcset|poster|background)\s*=\s*["']?\s*(?:https?:)?//
      | <link\b(?![^>]*\brel=["']?(?:canonical|alternate|license|author)\b)[^>]*\bhref\s*=\s*["']?(?:https?:)?//
      | (?:url\(|@import|\bimport\b|\bfrom\b|\bfetch\()\s*["'`]?\s*(?:https?:)?//
    """,
    re.VERBOSE | re.IGNORECASE,
)
INLINE = re.compile(
    r"""<style\b|\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|<script\b(?![^>]*\b(?:src=|application/ld\+json))"""
)
PAGES = [path for folder in ("templates", "static") for path in sorted((ROOT / folder).rglob("*.*"))]
TEXTS = [path for path in PAGES if path.suffix in {".html", ".svg", ".xml", ".css", ".js", ".txt", ".webmanifest"}]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_ask_no_other_host_and_obey_their_content_policy(path: Path) -> None:
    text = path.read_text()
    is_page = path.suffix == ".html" and "mail" not in path.parts

    assert FETCHED.findall(text) == []
    assert not is_page or INLINE.findall(text) == []
