"""Markdown to HTML that is safe to show."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "h3", "h4", "h5", "ul", "ol", "li", "blockquote", "em", "strong", "a", "br", "hr", "cite", "code", "sup"}
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True})


@lru_cache(maxsize=512)
def to_html(text: str, *, top: int = 3) -> str:
    """Return sanitised HTML whose highest heading is ``h{top}``; links carry ``rel="noopener nofollow"``."""
    tokens = _markdown.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            # Texts begin with "##"; the page has its own h1 and h2.
            token.tag = f"h{min(6, max(top, int(token.tag[1]) - 2 + top))}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "blockquote": {"lang"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener nofollow",
    )
