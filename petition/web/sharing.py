"""Ways to pass a call on: plain links, no vendor's script."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlencode

import segno
from flask import current_app
from flask_babel import gettext as _


class ShareLink(NamedTuple):
    """A place to share at."""

    id: str
    label: str
    url: str


_SERVICES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "whatsapp": ("WhatsApp", lambda text, url: "https://wa.me/?" + _query(text=f"{text} {url}")),
    "facebook": ("Facebook", lambda text, url: "https://www.facebook.com/sharer.php?" + _query(u=url)),
    "x": ("X", lambda text, url: "https://x.com/intent/post?" + _query(text=text, url=url)),
    "bluesky": ("Bluesky", lambda text, url: "https://bsky.app/intent/compose?" + _query(text=f"{text} {url}")),
    "telegram": ("Telegram", lambda text, url: "https://t.me/share/url?" + _query(url=url, text=text)),
    "linkedin": ("LinkedIn", lambda text, url: "https://www.linkedin.com/sharing/share-offsite/?" + _query(url=url)),
}


def links(text: str, url: str) -> list[ShareLink]:
    """Return the places to share a text with an address at, e-mail last."""
    shared = [ShareLink(id, label, build(text, url)) for id, (label, build) in _SERVICES.items()]
    return [*shared, ShareLink("email", _("E-mail"), "mailto:?" + _query(subject=text, body=f"{text}\n\n{url}"))]


def mastodon(instance: str, text: str, url: str) -> str:
    """Return where a Mastodon server lets people write a post."""
    return f"https://{instance}/share?" + _query(text=f"{text} {url}")


def absolute(path: str) -> str:
    """Return the full address of a path of ours, whatever the Host header says."""
    return f"{current_app.config['PETITION'].base_url}{path}"


@lru_cache(maxsize=256)
def qr(url: str) -> str:
    """Return an address as a QR code, an inline SVG, black on white also in the dark."""
    return segno.make(url, error="m").svg_inline(
        scale=4, border=2, dark="#000", light="#fff", omitsize=True, svgclass="qr"
    )


def _query(**fields: str) -> str:
    return urlencode(fields, quote_via=quote)
