"""What the share card of a story says."""

from urllib.parse import urlsplit

from flask import render_template

from petition.config import folder
from petition.http import current
from petition.lib import typesetting
from petition.models import Call, CallText

TEMPLATE = folder("templates") / "cards" / "story.typ"


def words(call: Call, text: CallText, *, language: str, said: str, credit: str, licence: str) -> str:
    """Return what TEMPLATE sets, as JSON: a story, or what was asked where the fonts lack a letter of it.

    ``licence`` is its short name, or '' for what is shown here only. TEMPLATE cuts after a word what is too long.
    """
    return render_template(
        "cards/story.json",
        call=call,
        text=text,
        language=language,
        words=typesetting.shown(said),
        credit=typesetting.shown(credit).replace("\n", " "),
        licence=licence,
        host=urlsplit(current.settings().base_url).hostname,
        printable=typesetting.printable,
    )
