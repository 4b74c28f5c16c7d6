"""The scripts that partner sites load: the present one for an hour, each released one for ever."""

from flask import Blueprint, Response

from petition.errors import NotFound
from petition.http import access, cors
from petition.http.cacheable import DAY, cacheable
from petition.lib import embed_scripts

bp = Blueprint("embed_scripts", __name__, url_prefix="/embed/v1")
bp.before_request(access.same_origin_only)
cors.open_to_all(bp)

_PRESENT = "public, max-age=3600, stale-while-revalidate=86400"
_FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/<slug:name>.js")
@cacheable(ttl=60.0, cache_control=_PRESENT, stale_if_error=DAY)
def present(name: str) -> Response:
    """Return a script as it is now."""
    return _script(name)


@bp.get("/<slug:name>.<slug:digest>.js")
@cacheable(ttl=60.0, cache_control=_FOR_EVER, stale_if_error=DAY)
def released(name: str, digest: str) -> Response:
    """Return the script that has this digest; it never changes, so that partners can name its hash."""
    return _script(name, digest)


def _script(name: str, digest: str = "") -> Response:
    try:
        content = embed_scripts.read(name, digest)
    except NotFound:
        return Response("There is no such script.\n", status=404, mimetype="text/plain")
    response = Response(content, mimetype="text/javascript")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
