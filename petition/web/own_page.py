"""The supporter's own page around its forms, filled or with faults."""

from typing import Any

from flask import render_template, request

from petition.db import session
from petition.domain import calls, history, links, moderation, publications, supporters, totals, waiting_stories
from petition.domain.history import FieldChange
from petition.forms.drafts import LABELS
from petition.forms.supporters import WordsForm
from petition.models import Signature
from petition.web import sharing, words


def _decided(signature: Signature) -> dict[str, Any]:
    """Return where the story of a signature stands."""
    story = signature.story
    decision = moderation.latest_decision(session, story) if story else None
    revision = publications.published_revision(session, signature)
    if decision and story and decision.revision != story.revision:
        decision = None
    return {
        "decision": decision,
        "can_ask_again": story is not None and decision is not None and decision.can_be_asked_about(story),
        "usual_wait": waiting_stories.usual_wait(session, signature.call_id) if story else None,
        "is_published": revision is not None,
        "is_unread": story is not None and revision == story.revision,
    }


def as_it_stands_now(lang: str, token: str) -> str:
    """Return the page with the words that took the place of those that a form had named."""
    session.rollback()
    signature = links.get_signature(session, "me", token)
    return render(lang, token, signature, words.form_for(signature), has_changed=True)


def render(
    lang: str, token: str, signature: Signature, form: WordsForm, *, has_changed: bool = False, story_form: Any = None
) -> str:
    """Return the supporter's own page with these forms, or filled ones."""
    call = signature.call
    text = calls.text_of(session, call, lang)
    return render_template(
        "supporters/me.html",
        call=call,
        text=text,
        campaign=call.campaign,
        signature=signature,
        total=totals.for_call(session, call),
        form=form,
        story_form=story_form or words.story_form(signature),
        **words.told(signature),
        **_decided(signature),
        token=token,
        **sharing.context(call, text),
        saved="saved" in request.args,
        has_changed=has_changed,
        changes=_changes(signature, lang),
        labels=LABELS,
        can_restore=supporters.can_restore(signature),
    )


def _changes(signature: Signature, lang: str) -> list[FieldChange]:
    """Return what changed of the call's words since they were confirmed, or since the first that are kept."""
    shown = signature.call_version or 1
    if not signature.is_confirmed or shown >= signature.call.version:
        return []
    return history.between(session, signature.call, shown, lang)
