"""The form that says which sites may show the form of a call."""

import re
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, TextAreaField, ValidationError

from petition import terms

_HOST = re.compile(r"(?=.{1,253}\Z)(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def origins(text: str) -> list[str]:
    """Return the origins of the sites whose addresses stand in a text; raises ValidationError for what is none."""
    found = dict.fromkeys(_origin(word) for word in re.split(r"[\s,]+", text) if word)
    if len(found) > terms.FRAME_ORIGINS:
        raise ValidationError(_("Please name %(most)s sites at most.", most=terms.FRAME_ORIGINS))
    return list(found)


class Origins:
    """Checks for addresses of sites."""

    def __call__(self, form: Form, field: Field) -> None:
        origins(field.data or "")


def _origin(line: str) -> str:
    """Return the origin of an address as browsers write it; raises ValidationError for what has none."""
    try:
        url = urlsplit(line if "://" in line else f"https://{line}")
        name, port = url.hostname or "", url.port
        host = name if name.startswith("*.") else name.encode("idna").decode()
    except (ValueError, UnicodeError):
        host = ""
    if not _HOST.fullmatch(host) or url.scheme not in {"http", "https"}:
        raise ValidationError(_("This is no address of a site: %(address)s", address=line[:80]))
    return f"{url.scheme}://{host}{f':{port}' if port else ''}"


class FramesForm(FlaskForm):
    """The sites; ``shown`` is what the page showed."""

    origins = TextAreaField(_("Sites that may show the form"), [Origins()])
    shown = HiddenField("")
