"""Markdown to HTML that is safe to show: headings, lists, links, quotes and footnotes; no HTML."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import escape
from mdit_py_plugins.footnote import footnote_plugin

# Longer texts are refused before they are rendered.
MAX_BYTES = 50_000

_TAGS = {
    *("p", "h3", "h4", "h5", "ul", "ol", "li", "blockquote", "em", "strong", "a", "br", "hr", "cite", "code", "sup"),
    "section",
}
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).use(footnote_plugin, inline=False)


def is_too_long(text: str) -> bool:
    """Whether a text has more than MAX_BYTES in UTF-8."""
    return len(text.encode()) > MAX_BYTES


def render(text: str, prefix: str = "", *, top: int = 3) -> str:
    """Return sanitised HTML whose highest heading is ``h{top}``; links carry ``rel="noopener nofollow"``.

    The ids of footnotes carry ``prefix``, so that texts with different ones can stand on one page. A text that is too
    long, as no form takes it, is shown as it was typed. At most a second or so for the most contorted text.
    """
    if is_too_long(text):
        return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in re.split(r"\n{2,}", text))
    env = {"docId": prefix} if prefix else {}
    tokens = _markdown.parse(text, env)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            # Texts begin with "##"; the page has its own h1 and h2.
            token.tag = f"h{min(6, max(top, int(token.tag[1]) - 2 + top))}"
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, env),
        tags=_TAGS,
        attributes={
            "a": {"href", "title", "id"},
            "blockquote": {"lang"},
            "li": {"id"},
            "section": {"class"},
        },
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener nofollow",
    )


# For what is published; drafts change at each look and would push it out.
to_html = lru_cache(maxsize=512)(render)
