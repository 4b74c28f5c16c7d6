"""Static files under addresses that change with their content, and bundles: several files that arrive as one."""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from flask import Flask, Response, current_app, send_file, url_for

_FORM = (
    "js/error-summary-focus.js",
    "js/character-count.js",
    "js/mail-providers.js",
    "js/email-typo-hint.js",
    "js/submit-once.js",
    "js/remember-typed.js",
)

_STYLE = (
    "css/tokens.css",
    "css/accents.css",
    "css/base.css",
    "css/forms.css",
    "css/components/*.css",
)
_FRAME_STYLE = (*_STYLE, "css/embed/form.css")

# Name of the bundle below the static folder → its parts in order; a pattern stands for all it matches, by name. A part
# that is no file is generated: the site hands it in.
BUNDLES = {
    "css/site.css": (*_STYLE, "css/layout.css", "css/print.css"),
    # Pages in frames of other sites: as the device likes it, or light or dark as the site says.
    "css/embed.css": _FRAME_STYLE,
    "css/embed-light.css": _FRAME_STYLE,
    "css/embed-dark.css": _FRAME_STYLE,
    # Beside the other on organisers' pages; public pages carry nothing of it.
    "css/dashboard.css": ("css/dashboard/*.css",),
    "js/form.js": _FORM,
    "js/dashboard.js": (*_FORM, "js/flash-again.js", "js/keyboard-help.js"),
    "js/embed.js": (*_FORM[:-1], "js/credit.js", "js/total.js", "js/framed.js"),
    "js/card.js": ("js/credit.js", "js/total.js", "js/height.js"),
    "js/editor.js": ("js/autosave.js", "js/markdown-toolbar.js", "js/markdown-preview.js"),
    "js/call.js": (*_FORM, "js/credit.js", "js/share.js", "js/sign-bar.js", "js/total.js"),
}

# What a style sheet has for its readers only: comments, indentation, empty lines. No string of ours holds any of these.
_CSS_PADDING = re.compile(rb"/\*.*?\*/|^\s+", re.DOTALL | re.MULTILINE)


class Bundle(NamedTuple):
    """The parts of a bundle in a row; style sheets without comments and indentation."""

    content: bytes
    digest: str
    modified_at: float  # seconds since 1970, of the part that was changed last


def init_app(app: Flask, generated: Mapping[str, str]) -> None:
    """Serve the bundles beside the static files, and give templates the function ``asset``.

    ``generated`` holds the text of each part of a bundle that is no file, by name.
    """
    app.extensions["generated_assets"] = generated
    app.view_functions["static"] = _static
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """Return the path of a static file or a bundle with a digest of its content, so that it can be cached for a year.

    Content is read once in the life of the process. Raises FileNotFoundError if there is no such file.
    """
    folder = _folder()
    digest = _bundle(folder, name).digest if name in BUNDLES else _digest(folder / name)
    return url_for("static", filename=name, v=digest)


def _static(filename: str) -> Response:
    """Send a bundle as Flask sends a static file: with Cache-Control, ETag, Last-Modified, 304 and ranges."""
    if filename not in BUNDLES:
        return current_app.send_static_file(filename)
    bundle = _bundle(_folder(), filename)
    return send_file(
        BytesIO(bundle.content),
        download_name=Path(filename).name,
        etag=bundle.digest,
        last_modified=bundle.modified_at,
        max_age=current_app.get_send_file_max_age(filename),
    )


@lru_cache(maxsize=16)
def _bundle(folder: Path, name: str) -> Bundle:
    generated: Mapping[str, str] = current_app.extensions["generated_assets"]
    texts, times = [], []
    for part in BUNDLES[name]:
        if part in generated:
            texts.append(generated[part].encode())
            continue
        for path in sorted(folder.glob(part)) or [folder / part]:
            texts.append(path.read_bytes())
            times.append(path.stat().st_mtime)
    content = b"\n".join(texts)
    if name.endswith(".css"):
        content = _CSS_PADDING.sub(b"", content)
        for scheme, is_dark in (("light", b"not all"), ("dark", b"all")):
            if name.endswith(f"-{scheme}.css"):
                content = content.replace(b"(prefers-color-scheme: dark)", is_dark)
                content = content.replace(b"color-scheme: light dark", f"color-scheme: {scheme}".encode())
    return Bundle(content, _sha256(content), max(times))


@lru_cache(maxsize=256)
def _digest(path: Path) -> str:
    return _sha256(path.read_bytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _folder() -> Path:
    return Path(current_app.static_folder or "")
