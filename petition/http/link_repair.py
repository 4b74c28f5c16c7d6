"""Links survive mail programs, chats and paper: a damaged address leads to the page that it means."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from petition.http import urls

# Quoted-printable (RFC 2045): a byte as =2E, and a line that was broken, with or without its =.
_QUOTED_BYTE = re.compile("=([2-7][0-9A-F])")
_BROKEN_LINE = re.compile(r"=?[\r\n]\s*+(?=[\w.-]+\Z)")
# What is no part of the address any more: a query with its ? lost or escaped, HTML, and the text behind a link.
_BEHIND = re.compile(r"[\s&?#<>\"].*\Z", re.DOTALL)
# What sentences, brackets and quotation marks leave at the end, and marks that show nothing.
_AT_THE_END = ".,;:!?'’‘‚“”„«»‹›)]>*=\\|…\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
# Longer than any of ours; nothing is looked for in it.
_MAX_PATH = 500


def repaired() -> str | None:
    """Return the path, and the query as it came, of the page that the address at hand means; None where it is none.

    A token keeps every letter; only what surrounds it is mended. What is returned is a path, so nobody is led to
    another host, and each repair leaves less to mend, so nobody is led in a circle. Only for GET and HEAD.
    """
    is_read = request.method in {"GET", "HEAD"} and len(request.path) <= _MAX_PATH
    path = clean(request.path) if is_read else None
    if path is None:
        return None
    meant = next(filter(_is_page, _spellings(path)), request.path)
    if meant == request.path:
        return None
    query = quote(request.query_string, safe="%&=+;/?:@!$'()*,")
    return quote(meant) + (f"?{query}" if query else "")


def clean(path: str) -> str | None:
    """Return a decoded path without what a link gathers on its way; None when nothing is left."""
    path = _QUOTED_BYTE.sub(lambda found: chr(int(found[1], 16)), path)
    path = re.sub("/{2,}", "/", _BROKEN_LINE.sub("", path))
    kept = _BEHIND.sub("", path)
    bare = kept.rstrip(_AT_THE_END)
    if kept != path and bare.endswith("/"):
        # All of the last part was cut off: only a page that ends in a slash can be meant.
        return bare if bare != "/" else None
    return bare.rstrip(_AT_THE_END + "/") or "/"


def _spellings(path: str) -> Iterator[str]:
    """Give the path as it is, in small letters where it is no token or file, and both in the reader's language."""
    small = "/".join(part if "." in part else part.lower() for part in path.split("/"))
    for spelling in (path, small):
        yield spelling
        yield f"/{urls.language()}{spelling}"


def _is_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, "GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
