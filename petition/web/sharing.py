"""Ways to pass a call on: plain links, no vendor's script."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import segno
from flask import g, url_for
from flask_babel import gettext as _

from petition.errors import PetitionError
from petition.http import urls
from petition.models import Call, CallText, Channel


class UnknownServer(PetitionError):
    """Raised when what was typed cannot be the name of a Mastodon server."""


class ShareLink(NamedTuple):
    """A place to share at."""

    place: Channel
    label: str
    url: str


_SERVICES: dict[Channel, tuple[str, Callable[[str, str], str]]] = {
    Channel.WHATSAPP: ("WhatsApp", lambda text, url: "https://wa.me/?" + _query(text=f"{text} {url}")),
    Channel.FACEBOOK: ("Facebook", lambda text, url: "https://www.facebook.com/sharer.php?" + _query(u=url)),
    Channel.X: ("X", lambda text, url: "https://x.com/intent/post?" + _query(text=text, url=url)),
    Channel.BLUESKY: ("Bluesky", lambda text, url: "https://bsky.app/intent/compose?" + _query(text=f"{text} {url}")),
    Channel.TELEGRAM: ("Telegram", lambda text, url: "https://t.me/share/url?" + _query(url=url, text=text)),
    Channel.LINKEDIN: (
        "LinkedIn",
        lambda text, url: "https://www.linkedin.com/sharing/share-offsite/?" + _query(url=url),
    ),
}


_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def address(call: Call) -> str:
    """Return the address to pass on: short enough for paper, and it leads to the language of whoever opens it."""
    return urls.absolute(url_for("calls.short", call=call.slug))


def context(call: Call, text: CallText) -> dict[str, Any]:
    """Return what a page needs to offer sharing; its headers then let a form lead to other servers."""
    g.has_sharing = True
    url = address(call)
    return {
        "url": url,
        "share_links": links(text.title, text.share_text, url, counts=True),
        "qr": qr(through(url, Channel.QR)),
    }


def links(title: str, text: str, url: str, *, counts: bool = False) -> list[ShareLink]:
    """Return the places to share a text with an address at, e-mail last, its lines as in RFC 6068.

    Where signatures are given at the address, and so ``counts`` is true, each says by which channel people come.
    """
    to = {place: through(url, place) if counts else url for place in Channel}
    shared = [ShareLink(place, label, build(text, to[place])) for place, (label, build) in _SERVICES.items()]
    body = f"{text}\r\n\r\n{to[Channel.EMAIL]}"
    return [*shared, ShareLink(Channel.EMAIL, _("E-mail"), "mailto:?" + _query(subject=title, body=body))]


def through(url: str, channel: Channel) -> str:
    """Return an address of a call with the channel by which people come; who shared it is not said."""
    return f"{url}?via={channel}"


def mastodon(typed: str, text: str, url: str) -> str:
    """Return where a Mastodon server lets people write a post.

    ``typed`` is the server's name, its address, or a person's handle on it; raises UnknownServer for anything else.
    """
    host = typed.strip().removeprefix("https://").rstrip("/").rpartition("@")[2].lower()
    if not _HOST.fullmatch(host):
        raise UnknownServer
    return f"https://{host}/share?" + _query(text=f"{text} {url}")


@lru_cache(maxsize=256)
def qr(url: str) -> str:
    """Return an address as a QR code, an inline SVG, black on white also in the dark."""
    return segno.make(url, error="m").svg_inline(
        scale=4, border=2, dark="#000", light="#fff", omitsize=True, svgclass="qr"
    )


def _query(**fields: str) -> str:
    return urlencode(fields, quote_via=quote)
