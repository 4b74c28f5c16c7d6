"""Published stories for programs: a feed and JSON, only those that their authors gave a licence; docs/stories.md."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from petition.db import session
from petition.domain import calls, stories
from petition.http import access, cors, urls
from petition.http.cacheable import cacheable
from petition.lib import cursors
from petition.web import story_words

bp = Blueprint("story_feeds", __name__)
bp.before_request(access.same_origin_only)
cors.open_to_all(bp)

FEED_LENGTH = 50
API_LENGTH = 100


@bp.get("/<language:lang>/calls/<slug:call>/stories.atom")
@cacheable(ttl=1.0, stale_if_error=0)
def atom(lang: str, call: str) -> Response:
    """Return the newest stories of a call as an Atom feed (RFC 4287)."""
    row = calls.get_call(session, call)
    page = stories.licensed(session, row, limit=FEED_LENGTH)
    xml = render_template(
        "stories/feed.xml",
        call=row,
        text=calls.text_of(session, row, lang),
        stories=page.stories,
        address=story_words.address,
    )
    return Response(xml, mimetype="application/atom+xml")


@bp.get("/api/v1/calls/<slug:call>/stories", endpoint="json")
@cacheable(ttl=1.0, stale_if_error=0, params={"after": cursors.canonical})
def as_json(call: str) -> Response:
    """Return stories of a call, the newest first; the header Link leads to those that follow (RFC 8288)."""
    row = calls.get_call(session, call)
    page = stories.licensed(session, row, after=request.args.get("after", ""), limit=API_LENGTH)
    following = urls.absolute(url_for(".json", call=row.slug, after=page.older)) if page.older else None
    body: dict[str, Any] = {
        "call": row.slug,
        "stories": [story_words.as_data(story) for story in page.stories],
        "next": following,
    }
    response = jsonify(body)
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response
