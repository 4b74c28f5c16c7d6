"""The page of a call around its form, for those who come and for those whose form has faults."""

from typing import Any

from flask import render_template, request, url_for

from petition.db import session
from petition.domain import calls, campaigns, history, partner_figures, signing, totals
from petition.domain import stories as told
from petition.forms import stories
from petition.forms.signing import SignForm
from petition.http import current, urls
from petition.models import Call, CallText, PublishedStory
from petition.web import sharing

# So many stories that organisers chose stand on the page of a call.
QUOTATIONS = 3


def form_for(call: Call, lang: str, **kwargs: Any) -> Any:
    """Return the form that signs a call, with what its kind asks for."""
    return stories.with_story(SignForm, call.kind)(lang, kind=call.kind, **kwargs)


def render(lang: str, call: Call, form: SignForm) -> str:
    """Return the page: the ask, the total, the form, the reasons."""
    action = url_for("signing.sign", lang=lang, call=call.slug) if request.method == "POST" else ""
    shown = context(lang, call, calls.text_of(session, call, lang), form)
    return render_template("calls/call.html", **shown, action=action)


def context(lang: str, call: Call, text: CallText, form: SignForm) -> dict[str, Any]:
    """Return what the page of a call shows with these words, which need not be published."""
    total = totals.for_call(session, call)
    return dict(
        call=call,
        text=text,
        campaign=call.campaign,
        campaign_text=campaigns.text_of(session, call.campaign, lang),
        total=total,
        form=form,
        pause_notice=history.pause_notice(session, call),
        supporters=signing.newest(session, call),
        carriers=partner_figures.carriers(session, call),
        published=_quotations(call, lang),
        story_count=told.figures(session, call).total,
        json_ld=_json_ld(text, total, urls.absolute(url_for("calls.call", lang=lang, call=call.slug))),
        **sharing.context(call, text),
    )


def _quotations(call: Call, lang: str) -> list[PublishedStory]:
    """Return the stories that stand on the page, those in its language first."""
    return sorted(told.featured(session, call), key=lambda story: story.language != lang)[:QUOTATIONS]


def _json_ld(text: CallText, total: totals.Total, url: str) -> dict[str, Any]:
    """Return the page in the words of schema.org, which has no type for petitions."""
    return {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": text.title,
        "url": url,
        "inLanguage": text.language,
        "publisher": {"@type": "Organization", "name": current.settings().base_url},
        "mainEntity": {
            "@type": "CreativeWork",
            "name": text.title,
            "abstract": text.ask,
            "audience": {"@type": "Audience", "name": text.addressee},
            "interactionStatistic": {
                "@type": "InteractionCounter",
                "interactionType": {"@type": "EndorseAction"},
                "userInteractionCount": total.total,
                "endTime": total.as_of.isoformat(timespec="seconds"),
            },
            "potentialAction": {
                "@type": "EndorseAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{url}#sign"},
            },
        },
    }
