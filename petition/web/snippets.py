"""The code that partners paste into their pages, in the language of those pages."""

from typing import NamedTuple

from flask import url_for
from markupsafe import Markup

from petition.http import urls
from petition.lib import embed_scripts
from petition.lib.embed_words import EMBED_WORDS
from petition.lib.languages import INTERFACE
from petition.models import Call, CallText

# Width and height in pixels of a counter, and so of the badge that holds its place.
SIZES = {"regular": (360, 56), "small": (240, 40), "large": (320, 200)}
# As high as the form is on a telephone in the longest of our languages; a script makes it fit.
FRAME_HEIGHT = 1700


class Look(NamedTuple):
    """How partners want what they embed; ``accent`` is ``#rrggbb`` or empty, ``partner`` a slug or empty."""

    lang: str
    theme: str = "auto"
    accent: str = ""
    size: str = "regular"
    has_goal: bool = True
    partner: str = ""


class Snippets(NamedTuple):
    """The code of each way to embed a call, and the address that says everything to programs that ask by oEmbed."""

    counter: str
    frame: str
    badge: str
    markdown: str
    address: str


def snippets(call: Call, text: CallText, look: Look) -> Snippets:
    """Return the code that shows a call this way, as text, which pages show and do not become."""
    partner = look.partner or None
    lang = look.lang if look.lang in INTERFACE else INTERFACE[0]
    address = urls.absolute(url_for("calls.call", lang=lang, call=call.slug, partner=partner))
    style = "dark" if look.theme == "dark" else None
    badge = urls.absolute(url_for("counters.svg", call=call.slug, lang=look.lang, style=style))
    return Snippets(
        counter=str(_counter(call, text, look, address, badge)),
        frame=str(_frame(call, text, look)),
        badge=str(_link(address, _image(badge, *SIZES[look.size], text.title))),
        markdown=f"[![{_markdown(text.title)}]({badge})]({address})",
        address=address,
    )


def _counter(call: Call, text: CallText, look: Look, address: str, badge: str) -> Markup:
    script = embed_scripts.current("petition")
    words = EMBED_WORDS[look.lang]
    attributes = {
        "data-call": call.slug,
        "data-lang": look.lang,
        "data-label": words.signatures,
        "data-sign": words.sign,
        "data-of": words.of if look.has_goal else "",
        "data-closed": words.closed,
        "data-theme": look.theme if look.theme != "auto" else "",
        "data-accent": look.accent,
        "data-size": look.size if look.size != "regular" else "",
        "data-goal": "" if look.has_goal else "off",
    }
    said = Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in attributes.items() if value)
    link = Markup('<a class="petition-counter" href="{}" {}>{}</a>').format(
        address, said, _image(badge, *SIZES[look.size], text.title)
    )
    return link + Markup('\n<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>').format(
        urls.absolute(script.path), script.integrity
    )


def _frame(call: Call, text: CallText, look: Look) -> Markup:
    theme, partner = look.theme if look.theme != "auto" else None, look.partner or None
    source = urls.absolute(url_for("framed.form", call=call.slug, lang=look.lang, theme=theme, partner=partner))
    script = embed_scripts.current("frame")
    return Markup(
        '<iframe class="petition-form" src="{}" title="{}" width="100%" height="{}" frameborder="0" loading="lazy"></iframe>'
        '\n<script src="{}" integrity="{}" crossorigin="anonymous" async></script>'
    ).format(source, text.title, FRAME_HEIGHT, urls.absolute(script.path), script.integrity)


def _link(address: str, inside: Markup) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, inside)


def _image(source: str, width: int, height: int, alt: str) -> Markup:
    return Markup('<img src="{}" width="{}" height="{}" alt="{}">').format(source, width, height, alt)


def _markdown(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\[]`*_<>" else letter for letter in text)
