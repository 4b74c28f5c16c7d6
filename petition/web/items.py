"""The search for persons and objects in Europeana: a page of its own, one on the way to a call's form, suggestions."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from limits import RateLimitItemPerHour

from petition.db import session
from petition.domain import calls, items
from petition.forms import stories
from petition.http import access, current, rate_limits, urls
from petition.http.rate_limits import TooManyRequests, rate_limit
from petition.lib import europeana, europeana_records, setting_values, texts
from petition.lib.europeana import EuropeanaAway, Reason
from petition.lib.europeana_records import Record
from petition.models import Call, Item
from petition.web import call_page

bp = Blueprint("items", __name__)
bp.before_request(access.same_origin_only)

# A household, and the network around it: what is asked of Europeana, not what is known here already.
ITEM_LIMIT = rate_limit("items", household="60/10minutes;300/day", network="600/10minutes;3000/day")

# The most characters of what is searched, and the fewest with which people are suggested.
_LENGTH, _FEWEST = 100, 3

MISSING: dict[str, LazyString] = {
    Reason.NO_KEY: lazy_gettext("This site cannot search Europeana yet, because it has no key for that."),
    Reason.KEY_REFUSED: lazy_gettext("Europeana does not take questions from this site at the moment."),
    Reason.QUOTA: lazy_gettext("This site has asked Europeana as often as it may for now. Try again in an hour."),
    Reason.AWAY: lazy_gettext("Europeana does not answer at the moment. Try again in some minutes."),
    "too_many": lazy_gettext("Many searches came from your network. Try again in some minutes."),
}


class Found(NamedTuple):
    """What was found, and the sentence that says why it is only what others chose here; else an empty one."""

    items: list[Item]
    missing: str = ""


@bp.get("/<language:lang>/items")
def search(lang: str) -> str:
    """Search for persons and objects, and show the address of each."""
    text = _text(request.args.get("q", ""))
    return render_template("items/search.html", text=text, **_find_both(text, lang))


@bp.get("/<language:lang>/items/suggestions.json")
def suggestions(lang: str) -> Response:
    """Return persons whose name begins like ``q``, or with ``kind=object`` objects in which its words occur."""
    text = _text(request.args.get("q", ""))
    found = Found([]) if len(text) < _FEWEST else _find(text, lang, people=request.args.get("kind") != "object")
    return jsonify(items=[_suggestion(item, lang) for item in found.items], missing=found.missing)


@bp.post("/<language:lang>/calls/<slug:call>/items")
@urls.shown_at("calls.call")
@access.resendable("name", "email", "country", *stories.FIELD_NAMES)
def choose(lang: str, call: str) -> str:
    """Search for what was typed into the form of a call, and carry all that was typed along."""
    row, text = calls.get_call(session, call), _text(request.form.get("hero", ""))
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in {"hero", "item"}]
    return render_template("items/choose.html", call=row, text=text, typed=typed, **_find_both(text, lang))


@bp.post("/<language:lang>/calls/<slug:call>/items/chosen")
@urls.shown_at("calls.call")
@access.resendable("name", "email", "country", *stories.FIELD_NAMES)
def chosen(lang: str, call: str) -> ResponseReturnValue:
    """Show the form of a call again as it was, with what was chosen."""
    row = calls.get_call(session, call)
    return call_page.render(lang, row, _filled(lang, row))


@bp.app_template_global("find_item")
def find_item(europeana_id: str | None) -> Item | None:
    """Return an item by its id, for the parts of pages that show one."""
    return items.find(session, europeana_id) if europeana_id else None


@bp.app_template_global("find_items")
def find_items(europeana_ids: Iterable[str]) -> dict[str, Item]:
    """Return items by their ids, with one query at most; what is no id is passed over."""
    return items.find_all(session, europeana_ids)


@bp.app_template_global("can_search_items")
def can_search() -> bool:
    """Whether Europeana can be searched at all."""
    return europeana.has_key()


@bp.app_template_global("are_items_invented")
def are_invented() -> bool:
    """Whether a stand-in on this machine answers, as in the demo."""
    return setting_values.is_loopback(urlsplit(current.settings().europeana_url).hostname or "")


def _filled(lang: str, call: Call) -> Any:
    """Return the form of a call with what was sent; nothing is checked until it is sent to sign."""
    form = call_page.form_for(call, lang)
    # The form is as old as it was, and may be sent at once.
    form.token.current_token = form.token.data
    item = find_item(form.item.data) if "item" in form else None
    if item and (title := item.title(lang)[0]):
        form.hero.data = title
    return form


def _text(typed: str) -> str:
    return texts.trim(texts.line(texts.printable(typed))[:_LENGTH])


def _find_both(text: str, lang: str) -> dict[str, Found | None]:
    if not text:
        return {"people": None, "objects": None}
    if europeana_records.find_id(text):
        found = _find(text, lang, people=True)
        return {"people": found, "objects": None}
    return {"people": _find(text, lang, people=True), "objects": _find(text, lang, people=False)}


def _find(text: str, lang: str, *, people: bool) -> Found:
    """Return what is known here of a search, else what Europeana answers, else what others chose."""
    pasted = europeana_records.find_id(text)
    if pasted and (item := items.find(session, pasted)):
        return Found([item])
    key = items.search_key(*([pasted] if pasted else ["person" if people else "object", text.casefold(), lang]))
    if (known := items.kept(session, key)) is not None:
        return Found(known)
    # Nobody waits for another host with a connection to the database in hand.
    session.rollback()
    try:
        records = _ask(text, lang, pasted, people)
    except (EuropeanaAway, TooManyRequests) as away:
        reason = away.reason if isinstance(away, EuropeanaAway) else "too_many"
        return Found(items.search_chosen(session, text, people=people), str(MISSING[reason]))
    found = items.keep(session, key, records)
    session.commit()
    return Found(found)


def _ask(text: str, lang: str, pasted: str | None, people: bool) -> list[Record]:
    if not europeana.has_key():
        raise EuropeanaAway(Reason.NO_KEY)
    rate_limits.check(ITEM_LIMIT)
    counter = rate_limits.counter()
    # The other half is for the worker.
    if counter and not counter.hit("europeana", RateLimitItemPerHour(max(1, europeana.quota() // 2))):
        raise EuropeanaAway(Reason.QUOTA)
    if pasted:
        record = europeana.fetch(pasted, seconds=europeana.PAGE_SECONDS).record
        return [record] if record else []
    return europeana.suggest(text, lang) if people else europeana.search(text)


def _suggestion(item: Item, lang: str) -> dict[str, str]:
    title, language = item.title(lang)
    details = [item.dates] if item.is_person else [item.creator, item.dates, item.data_provider]
    return {
        "id": item.europeana_id,
        "title": title,
        "lang": language,
        "details": " · ".join(filter(None, details)),
        "kind": _("Person") if item.is_person else _("Object"),
        "url": item.page_url,
        "card": render_template("items/_card.html", item=item),
    }
