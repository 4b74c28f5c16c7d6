"""The page that writes the code with which other sites show a call."""

from flask import Blueprint, render_template, request
from markupsafe import Markup

from petition.db import session
from petition.domain import calls
from petition.forms.embedding import SIZES, THEMES, EmbedForm, colour
from petition.http import access, urls
from petition.lib.contrast import contrast
from petition.lib.languages import ENDONYMS
from petition.web import snippets
from petition.web.snippets import Look

bp = Blueprint("generator", __name__)
bp.before_request(access.same_origin_only)

# What a button or a bar needs against the ground it stands on, and these grounds in the counter's two themes.
_ENOUGH = 3.0
_GROUNDS = {"light": "#ffffff", "dark": "#1c1b19"}


@bp.get("/<language:lang>/calls/<slug:call>/embed")
def page(lang: str, call: str) -> str:
    """Show a call as others will show it, and the code for that; what cannot be used counts as the usual."""
    row = calls.get_call(session, call)
    look = _look(lang)
    text = calls.text_of(session, row, look.lang)
    form = EmbedForm(data=look._asdict() | {"no_goal": not look.has_goal})
    themes = [look.theme] if look.theme != "auto" else [*_GROUNDS]
    return render_template(
        "embed/generator.html",
        call=row,
        text=calls.text_of(session, row, lang),
        campaign=row.campaign,
        form=form,
        look=look,
        codes=snippets.snippets(row, text, look),
        previews={theme: _preview(snippets.snippets(row, text, look._replace(theme=theme))) for theme in _GROUNDS},
        weak=[theme for theme in themes if look.accent and contrast(look.accent, _GROUNDS[theme]) < _ENOUGH],
    )


def _look(lang: str) -> Look:
    given = request.args
    return Look(
        lang=given["lang"] if given.get("lang") in ENDONYMS else lang,
        theme=given["theme"] if given.get("theme") in THEMES else "auto",
        accent=colour(given.get("accent", "")),
        size=given["size"] if given.get("size") in SIZES else "regular",
        has_goal="no_goal" not in given,
        partner=urls.slug(given.get("partner", "").strip().lower()) or "",
    )


def _preview(codes: snippets.Snippets) -> Markup:
    """Return the counter's link without its script, which the page loads once."""
    return Markup(codes.counter.partition("\n")[0])  # noqa: S704 - every value in it is escaped
