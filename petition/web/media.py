"""Pictures that organisers uploaded, as files: always from here, whatever store they are in."""

from flask import Blueprint, Response, request, url_for

from petition.db import session
from petition.domain import pictures
from petition.http import access, assets

bp = Blueprint("media", __name__)
bp.before_request(access.same_origin_only)

_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@bp.get("/media/<digest:name>.<any(webp, jpg):kind>")
def file(name: str, kind: str) -> Response:
    """Return a picture of which this is the digest, or its version to be shared; its bytes never change."""
    response = Response(pictures.read_file(session, name, kind), mimetype=_TYPES[kind])
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(f"{name}.{kind}")
    response.make_conditional(request)
    return response


@bp.app_template_filter("image_url")
def image_url(image: str) -> str:
    """Return the path of a call's image: a file of ours such as ``img/…``, or an uploaded one, ``media/…``."""
    name, _dot, kind = image.removeprefix("media/").partition(".")
    return url_for("media.file", name=name, kind=kind) if image.startswith("media/") else assets.asset(image)
