"""Tells programs that find an address of a call how to show it: oEmbed 1.0, https://oembed.com."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug.exceptions import HTTPException

from petition.db import session
from petition.domain import calls
from petition.errors import NotFound, PetitionError
from petition.http import access, cors, current, urls
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib.languages import INTERFACE
from petition.lib.pictures import SOCIAL_SIZE

bp = Blueprint("oembed", __name__)
bp.before_request(access.same_origin_only)
cors.open_to_all(bp)

# How large a card is where a consumer does not say how much room there is, and how small it can be read, in pixels.
WIDTH, HEIGHT = 600, 340
LEAST_WIDTH, LEAST_HEIGHT = 240, 200

CACHE_AGE = 300  # seconds
_MOST_BYTES = 2000


class OnlyJson(PetitionError):
    """Raised for a format that is not offered."""


class NoAddress(PetitionError):
    """Raised where no address is asked about."""


ERRORS: ErrorPages = {
    OnlyJson: ErrorPage(501, _("JSON only"), _("Ask with format=json, or without a format.")),
    NoAddress: ErrorPage(400, _("Which address?"), _("Say with url= which address you want to show.")),
}


@bp.get("/oembed", endpoint="json")
def as_json() -> Response:
    """Return a card of the call to which an address of ours leads; raises NotFound for any other address."""
    if request.args.get("format", "json").lower() != "json":
        raise OnlyJson
    if not (address := request.args.get("url", "").strip()):
        raise NoAddress
    found = _find(address)
    call = calls.get_call(session, found["call"])
    text, lang = calls.text_of(session, call, found["lang"]), found["lang"]
    partner = found["partner"] or None
    width, height = _room("maxwidth", WIDTH, LEAST_WIDTH), _room("maxheight", HEIGHT, LEAST_HEIGHT)
    html = render_template(
        "embed/oembed.html",
        text=text,
        page=urls.absolute(url_for("calls.call", lang=lang, call=call.slug, partner=partner)),
        card=urls.absolute(url_for("framed.card", call=call.slug, lang=lang, partner=partner)),
        width=width,
        height=height,
    )
    said: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": text.title,
        "author_name": call.campaign.organiser_name or call.campaign.hashtag,
        "provider_name": urlsplit(current.settings().base_url).hostname,
        "provider_url": current.settings().base_url,
        "cache_age": CACHE_AGE,
        "html": html,
        "width": width,
        "height": height,
    }
    if _fits(*SOCIAL_SIZE):
        picture = urls.absolute(url_for("cards.call", lang=lang, call=call.slug))
        said |= {"thumbnail_url": picture, "thumbnail_width": SOCIAL_SIZE[0], "thumbnail_height": SOCIAL_SIZE[1]}
    response = jsonify(said)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_AGE}"
    return response


def _find(address: str) -> dict[str, str]:
    """Return the call, the language and the partner that an address of ours names; raises NotFound."""
    try:
        url = urlsplit(address[:_MOST_BYTES])
        is_ours = url.scheme in {"http", "https"} and _host(url) == _host(urlsplit(current.settings().base_url))
        path = unquote(url.path).rstrip("/") or "/"
        _endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except (ValueError, HTTPException):
        raise NotFound from None
    if not is_ours or "call" not in values:
        raise NotFound
    query = {name: said[0] for name, said in parse_qs(url.query).items()}
    lang = values.get("lang") or query.get("lang", "")
    return {
        "call": values["call"],
        "lang": lang if lang in INTERFACE else INTERFACE[0],
        "partner": urls.slug(query.get("partner", "")) or "",
    }


def _host(url: Any) -> tuple[str, int | None]:
    """Return host and port as values, whatever the spelling; the usual port of either scheme is none."""
    return (url.hostname or "").rstrip("."), url.port if url.port not in {80, 443} else None


def _room(name: str, usual: int, least: int) -> int:
    """Return how much room a consumer gives, between what can be read and what a card needs."""
    return max(min(_limit(name) or usual, usual), least)


def _fits(width: int, height: int) -> bool:
    """Whether a picture of this size keeps to the consumer's limits."""
    return width <= (_limit("maxwidth") or width) and height <= (_limit("maxheight") or height)


def _limit(name: str) -> int:
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 0
