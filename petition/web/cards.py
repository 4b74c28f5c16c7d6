"""The pictures of calls and stories for other sites and programs: the ask and the number, or what was told."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template

from petition.config import folder
from petition.db import session
from petition.domain import calls, pictures, stories, totals
from petition.http import access, current
from petition.http.cacheable import cacheable
from petition.lib import countries, drawn_pictures, typesetting
from petition.lib import pictures as picture_files
from petition.lib.pictures import SOCIAL_SIZE
from petition.models import Call, card_file
from petition.web import story_card, story_words

CACHE_CONTROL = "public, max-age=60"

bp = Blueprint("cards", __name__)
bp.before_request(access.same_origin_only)


# So many pixels at the right of a card show a call's own picture.
_BESIDE = 420


@bp.get("/<language:lang>/calls/<slug:call>/card.png")
@cacheable(ttl=60.0, cache_control=CACHE_CONTROL)
def call(lang: str, call: str) -> Response:
    """Return the ask and the number as a picture of 1200 × 630 pixels."""
    return _card(_words(lang, calls.get_call(session, call)), "image/png")


@bp.get("/<language:lang>/calls/<slug:call>/card.jpg")
@cacheable(ttl=60.0, cache_control=CACHE_CONTROL)
def picture(lang: str, call: str) -> Response:
    """Return the same beside a part of the picture that organisers gave the call; raises NotFound without one."""
    row = calls.get_call(session, call)
    social = pictures.social_of(session, row)
    words = _words(lang, row, beside=_BESIDE)
    return _card(picture_files.beside(words, social, SOCIAL_SIZE[0] - _BESIDE), "image/jpeg")


def _words(lang: str, call: Call, beside: int = 0) -> bytes:
    words = render_template(
        "cards/call.json",
        call=call,
        text=calls.text_of(session, call, lang),
        total=totals.for_call(session, call),
        host=urlsplit(current.settings().base_url).hostname,
        beside=beside,
        printable=typesetting.printable,
    )
    return typesetting.png(folder("templates") / "cards" / "call.typ", words)


@bp.get("/<language:lang>/stories/<id:story>/card.png")
@cacheable(ttl=1.0, stale_if_error=0)
def story(lang: str, story: int) -> Response:
    """Return a story as a picture: drawn once, then from its file, for as long as the story is public."""
    row = stories.get_story(session, story)
    author = row.credit or str(story_words.ANONYMOUS)
    words = story_card.words(
        row.call,
        calls.text_of(session, row.call, lang),
        language=row.language,
        said=row.text,
        credit=f"{author}, {countries.name(row.country, lang)}" if row.country else author,
        licence=story_words.licence_name(row),
    )
    template = story_card.TEMPLATE
    picture = drawn_pictures.drawn(
        card_file(row.story_id, lang), words, template.read_text(), lambda words: typesetting.png(template, words)
    )
    return _card(picture, "image/png")


def _card(content: bytes, mimetype: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
