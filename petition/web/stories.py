"""Stories that supporters told and moderators approved: the wall of a call, its heroes, one story, its share card."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from petition.db import session
from petition.domain import calls, stories
from petition.domain.stories import Filter, Page, StoryNotPublic
from petition.forms.stories import KINDS, LANGUAGES
from petition.http import access, urls
from petition.http.cacheable import cacheable, one_of, truncated
from petition.http.error_pages import ErrorPage, ErrorPages
from petition.lib import charts, countries, cursors, outlines
from petition.lib.cursors import BadCursor
from petition.models import HERO_KEY_LENGTH, Call, PublishedStory
from petition.web import sharing, story_words

bp = Blueprint("stories", __name__)
bp.before_request(access.same_origin_only)

# So many heroes stand above the wall of a call.
HEROES_ABOVE = 6
FEATURED = "featured"

ERRORS: ErrorPages = {
    StoryNotPublic: ErrorPage(
        404,
        _("This story is not public"),
        _(
            "There is no public story at this address, or not any more: its author may have taken it back. Others can be read."
        ),
        onward=("stories.index", _("Read stories")),
    ),
    BadCursor: ErrorPage(
        404, _("This page of the list is not here"), _("Please begin with the first page; its address is shorter.")
    ),
}

_WALL_PARAMS = {
    "show": one_of({FEATURED}),
    "language": one_of(dict(LANGUAGES)),
    "country": one_of(countries.names("en")),
    "hero": truncated(HERO_KEY_LENGTH),
    "after": cursors.canonical,
    "before": cursors.canonical,
}


@bp.get("/<language:lang>/stories")
@cacheable(ttl=1.0, stale_if_error=0)
def index(lang: str) -> str:
    """Show the calls that have stories."""
    walls = [(call, calls.text_of(session, call, lang), number) for call, number in stories.walls(session)]
    return render_template("stories/index.html", walls=walls)


@bp.get("/<language:lang>/calls/<slug:call>/stories")
@cacheable(ttl=1.0, stale_if_error=0, params=_WALL_PARAMS)
def wall(lang: str, call: str) -> ResponseReturnValue:
    """Show the stories of a call, the newest or those that organisers chose, of a language, a country or a hero."""
    row, values = calls.get_call(session, call), request.args
    hero = values.get("hero", "")
    chosen = Filter("", "", hero) if hero else Filter(values.get("language", ""), values.get("country", ""))
    after, before = values.get("after", ""), values.get("before", "")
    try:
        page = _page(row, chosen, after, before)
    except BadCursor:
        page = Page([])
    link, around = _links(lang, row, chosen), _wall(lang, row, chosen)
    if before and page.stories and not page.newer:
        return redirect(link())
    is_lost = bool(after or before) and not page.stories
    by_country = {} if after or before else _by_country(link, around["figures"].countries)
    html = render_template("stories/wall.html", page=page, link=link, is_lost=is_lost, **around, **by_country)
    return html, 404 if is_lost else 200


def _page(call: Call, chosen: Filter, after: str, before: str) -> Page:
    if request.args.get("show") == FEATURED:
        return Page(stories.featured(session, call, chosen))
    return stories.page(session, call, chosen, after=after, before=before)


def _wall(lang: str, call: Call, chosen: Filter) -> dict[str, Any]:
    """Return what stands around the stories of a wall."""
    about = stories.find_hero(session, call, chosen.hero) if chosen.hero else None
    heroes, more = ([], "") if chosen.hero else stories.heroes(session, call, limit=HEROES_ABOVE)
    return {
        "call": call,
        "text": calls.text_of(session, call, lang),
        "chosen": chosen,
        "about": about,
        "is_featured": request.args.get("show") == FEATURED,
        "figures": stories.figures(session, call, chosen),
        "heroes": heroes,
        "has_more_heroes": bool(more),
    }


def _by_country(link: Callable[..., str], figures: Mapping[str, int]) -> dict[str, Any]:
    """Return what the bars and the map show, each country with the way to its stories."""
    return {
        "bars": charts.bars(figures),
        "europe": charts.europe(figures),
        "charts": charts,
        "outlines": outlines,
        "wall_url": lambda country: link(country=country),
    }


def _links(lang: str, call: Call, chosen: Filter) -> Callable[..., str]:
    """Return a function that gives the address of the wall with some of its choices changed; None takes one away."""
    kept = {"show": request.args.get("show"), **{name: value or None for name, value in chosen._asdict().items()}}
    return lambda **changes: url_for("stories.wall", lang=lang, call=call.slug, **{**kept, **changes})


@bp.get("/<language:lang>/calls/<slug:call>/heroes")
@cacheable(ttl=1.0, stale_if_error=0, params={"after": truncated(HERO_KEY_LENGTH + 10)})
def heroes(lang: str, call: str) -> ResponseReturnValue:
    """Show all whom the stories of a call are about, the most told first."""
    row, after = calls.get_call(session, call), request.args.get("after", "")
    found, more = stories.heroes(session, row, after=after)
    text = calls.text_of(session, row, lang)
    return render_template("stories/heroes.html", call=row, text=text, heroes=found, more=more, after=after)


@bp.get("/<language:lang>/stories/<id:story>")
@cacheable(ttl=1.0, stale_if_error=0)
def story(lang: str, story: int) -> str:
    """Show one story."""
    row = stories.get_story(session, story)
    return render_template("stories/story.html", **_story(lang, row))


def _story(lang: str, story: PublishedStory) -> dict[str, Any]:
    text = calls.text_of(session, story.call, lang)
    url = story_words.address(story, lang)
    return {
        "story": story,
        "call": story.call,
        "text": text,
        "kind": KINDS[story.kind],
        "translations": stories.translations(session, story),
        "json_ld": story_words.json_ld(story, lang),
        "url": url,
        "share_links": sharing.links(text.title, text.title, url),
    }


@bp.app_context_processor
def _words() -> dict[str, Any]:
    return {
        "story_licence": story_words.licence_of,
        "licence_name": story_words.licence_name,
        "story_details": story_words.details_of,
        "story_url": lambda story: url_for("stories.story", lang=urls.language(), story=story.story_id),
    }
