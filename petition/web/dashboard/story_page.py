"""The page on which stories are read one at a time, with what stands before and after each."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from petition.db import session
from petition.domain import hold_lists, story_care, story_queue, waiting_stories
from petition.domain.story_queue import Filter, cursor
from petition.forms import stories as kinds
from petition.forms.moderation import (
    FLAG_NAMES,
    KIND_NAMES,
    REASON_NAMES,
    REASON_SENTENCES,
    STATE_NAMES,
    DecisionForm,
    LanguageForm,
    NoteForm,
    StoryFilterForm,
    TranslationForm,
)
from petition.models import IN_QUEUE, Call, CallKind, Decision, Story, StoryState, Team
from petition.web.dashboard import access

# What can be decided about a story, by where it stands.
OFFERED = {
    StoryState.CHANGE_ASKED: (Decision.APPROVE, Decision.REFUSE),
    StoryState.APPROVED: (Decision.HIDE, Decision.ASK),
    StoryState.REFUSED: (Decision.APPROVE, Decision.ASK),
    StoryState.HIDDEN: (Decision.APPROVE, Decision.ASK),
} | dict.fromkeys(IN_QUEUE, (Decision.APPROVE, Decision.REFUSE, Decision.ASK))


@dataclass(frozen=True)
class Desk:
    """What one moderator has before them: a team, its calls with their titles, and which stories are wanted."""

    team: Team
    titles: dict[int, tuple[Call, str]]
    form: StoryFilterForm
    wanted: Filter

    @property
    def calls(self) -> list[Call]:
        """The calls of the team."""
        return [call for call, _title in self.titles.values()]

    @property
    def query(self) -> dict[str, object]:
        """What is wanted, as the query of an address."""
        names = ("state", "call", "kind", "language", "flag")
        return {name: value for name, value in zip(names, self.wanted, strict=True) if value}

    def url(self, story: Story | None = None, **values: Any) -> str:
        """Return the address of a story, or of the first that is wanted."""
        values = {**self.query, **values}
        if story is None:
            return url_for("dashboard_stories.queue", team_id=self.team.id, **values)
        return url_for("dashboard_stories.story", team_id=self.team.id, story_id=story.id, **values)


def desk(team: Team) -> Desk:
    """Return what the address at hand asks for; what it says that cannot be read is left out."""
    titles = {call.id: (call, title) for call, title in story_queue.calls(session, team)}
    form = StoryFilterForm(request.args)
    form.call.choices = {"": _("All")} | {str(call_id): title for call_id, (_call, title) in titles.items()}
    form.validate()
    data = {field.name: None if field.errors else field.data for field in form}
    wanted = Filter(
        StoryState(data["state"]) if data["state"] else None,
        data["call"],
        CallKind(data["kind"]) if data["kind"] else None,
        data["language"] or "",
        data["flag"] or "",
    )
    return Desk(team, titles, form, wanted)


def page(here: Desk, story: Story | None, *, notice: str = "", **typed: FlaskForm) -> str:
    """Return the page of a story, or of an empty queue; ``typed`` are forms that were refused, by their names."""
    around = _around(here, story) if story else {"before": [], "after": []}
    return render_template(
        "dashboard/stories/story.html",
        desk=here,
        team=here.team,
        story=story,
        waiting=waiting_stories.waiting(session, here.team),
        most_counted=waiting_stories.MOST_COUNTED,
        state_names=STATE_NAMES,
        flag_names=FLAG_NAMES,
        kind_names=KIND_NAMES,
        decided=story_queue.get_decisions(session, here.team, decision_ids(request.args.get("decided", ""))),
        notice=notice,
        **around,
        **(_whole(here, story, typed) if story else {}),
    )


def decision_ids(text: str) -> list[int]:
    """Return numbers of decisions that an address or a form names, ``12.13``, at most as many as a page has stories."""
    parts = text.split(".")[: story_queue.PAGE_SIZE]
    return [int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 15]


def _around(here: Desk, story: Story) -> dict[str, Any]:
    at = cursor(story)
    return {
        "before": story_queue.read_before(session, here.calls, here.wanted, at, 3),
        "after": story_queue.read(session, here.calls, here.wanted, after=at, limit=story_queue.NEIGHBOURS),
    }


def _whole(here: Desk, story: Story, typed: dict[str, FlaskForm]) -> dict[str, Any]:
    """Return all that is known of a story, and the forms that stand beside it."""
    person, surroundings = access.organiser(), story_queue.surroundings(session, story)
    shown = {"revision": story.revision}
    forms: dict[str, FlaskForm] = {
        "decision_form": DecisionForm(formdata=None, data=shown | {"seen": story.state}),
        "language_form": LanguageForm(formdata=None, data=shown | {"language": story.language}),
        "note_form": NoteForm(formdata=None),
        "translation_form": TranslationForm(
            formdata=None, data=shown | {"into": person.language, "translator": person.name}
        ),
    }
    return {
        "me": person,
        "call_title": here.titles[story.call_id][1],
        "call": here.titles[story.call_id][0],
        "kind": kinds.KINDS[story.kind],
        "details": kinds.details_of(story.kind, story.details),
        "licences": kinds.LICENCE_NAMES,
        "surroundings": surroundings,
        "held_words": hold_lists.found(session, here.team, story) if story.held_because == "word" else [],
        "holder": story_care.find_holder(session, story),
        "offered": OFFERED[story.state],
        "reason_names": REASON_NAMES,
        "reason_sentences": REASON_SENTENCES,
        "notes": story_care.notes(session, story),
        "decisions": story_care.decisions(session, story),
        "translations": story_care.translations(session, story),
        **forms,
        **typed,
    }
