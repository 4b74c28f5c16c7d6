"""The home page and the campaigns."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from petition.db import session
from petition.domain import calls, campaigns, stories, totals
from petition.http import access, urls
from petition.http.cacheable import cacheable
from petition.models import Call, CallPhase, CallText, Campaign

bp = Blueprint("campaigns", __name__)
bp.before_request(access.same_origin_only)

# So many stories that organisers chose stand on the home page.
QUOTATIONS = 3


@bp.get("/")
def home() -> ResponseReturnValue:
    """Send people to the home page in their language."""
    response = redirect(url_for(".index", lang=urls.language()))
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/<language:lang>/")
@cacheable(ttl=1.0)
def index(lang: str) -> str:
    """Show the open calls, the closed ones, the campaigns and the running total of all."""
    cards = _cards(lang)
    return render_template(
        "campaigns/index.html",
        open=[card for card in cards if card[0].phase in {CallPhase.OPEN, CallPhase.PAUSED}],
        scheduled=[card for card in cards if card[0].phase == CallPhase.SCHEDULED],
        # Those in the archive count, and stand on the page of their campaign.
        closed=[card for card in cards if card[0].phase == CallPhase.CLOSED],
        campaigns=campaigns.published(session, lang),
        published=stories.featured_anywhere(session, QUOTATIONS),
        signatures=sum(total.confirmed for _call, _text, total in cards),
        elsewhere=sum(total.total - total.confirmed for _call, _text, total in cards),
    )


@bp.get("/<language:lang>/campaigns/<slug:campaign>")
@cacheable(ttl=1.0)
def campaign(lang: str, campaign: str) -> str:
    """Show a campaign and its calls."""
    row = campaigns.get_campaign(session, campaign)
    text = campaigns.text_of(session, row, lang)
    return render_template("campaigns/campaign.html", campaign=row, text=text, cards=_cards(lang, row))


def _cards(lang: str, campaign: Campaign | None = None) -> list[tuple[Call, CallText, totals.Total]]:
    shown = calls.published(session, campaign=campaign)
    numbers = totals.for_calls(session, shown)
    return [(call, calls.text_of(session, call, lang), numbers[call.id]) for call in shown]
