"""The form of the generator: how a partner wants what it embeds."""

import re

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from petition.lib.languages import ENDONYMS

THEMES = ("auto", "light", "dark")
SIZES = ("regular", "small", "large")

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_SHORT_COLOUR = re.compile(r"#?([0-9a-f])([0-9a-f])([0-9a-f])")


class EmbedForm(Form):
    """Choices that are all optional; what is unknown counts as the usual."""

    lang = SelectField(_("Language"), choices=ENDONYMS)
    theme = SelectField(
        _("Colours"),
        choices=[
            SelectChoice("auto", _("as the reader’s device is set")),
            SelectChoice("light", _("light")),
            SelectChoice("dark", _("dark")),
        ],
    )
    size = SelectField(
        _("Size"),
        choices=[
            SelectChoice("regular", _("regular")),
            SelectChoice("small", _("small")),
            SelectChoice("large", _("large")),
        ],
    )
    accent = StringField(_("Colour of the button"), render_kw={"maxlength": 7, "size": 9, "spellcheck": "false"})
    partner = StringField(_("Your name with us"), render_kw={"maxlength": 80, "autocapitalize": "none"})
    no_goal = BooleanField(_("Without the next goal"))


def colour(text: str) -> str:
    """Return a colour as ``#rrggbb``, also for ``#abc`` and without the #; empty for anything else."""
    typed = text.strip().lower()
    if short := _SHORT_COLOUR.fullmatch(typed):
        typed = "#" + "".join(2 * digit for digit in short.groups())
    typed = typed if typed.startswith("#") else f"#{typed}"
    return typed if _COLOUR.fullmatch(typed) else ""
