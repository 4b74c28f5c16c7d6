"""The stories of a team as its moderators read them: those that wait, oldest first, and what was decided, newest first.

Each page is found in an index, however many wait: one short range for each call and state, merged.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, contains_eager

from petition.errors import NotFound
from petition.lib import clock, texts
from petition.models import (
    IN_QUEUE,
    Call,
    CallKind,
    CallText,
    Campaign,
    PublishedStory,
    Signature,
    SignatureState,
    Story,
    StoryDecision,
    StoryState,
    Team,
)

PAGE_SIZE = 50
NEIGHBOURS = 8

REPEATED = "repeated"

# SQLite merges up to 500 selects in one.
_MOST_MERGED = 200
# More stories with the same text are told as "more than".
_MOST_COUNTED = 100


class Filter(NamedTuple):
    """Which stories to read; what is None or empty matters not.

    ``state`` None is what waits. ``flag`` is a word of ``story.held_because``, or REPEATED.
    """

    state: StoryState | None = None
    call_id: int | None = None
    kind: CallKind | None = None
    language: str = ""
    flag: str = ""


class Cursor(NamedTuple):
    """Where a story stands in the queue."""

    at: datetime
    story_id: int


def get_story(session: Session, team: Team, story_id: int) -> Story:
    """Return a story told to a call of this team, with consent to publish; raises NotFound."""
    found = find_story(session, team, story_id)
    if found is None:
        raise NotFound
    return found


def find_story(session: Session, team: Team, story_id: int) -> Story | None:
    """Return the same, or None."""
    return next(iter(get_stories(session, team, [story_id])), None)


def get_stories(session: Session, team: Team, ids: Iterable[int]) -> Sequence[Story]:
    """Return those of some stories that were told to calls of this team, with consent to publish."""
    return session.scalars(
        select(Story)
        .join(Call, Call.id == Story.call_id)
        .join(Campaign)
        .where(Story.id.in_(ids), Campaign.team_id == team.id, Story.state != StoryState.TOLD)
    ).all()


def get_decisions(session: Session, team: Team, ids: Sequence[int]) -> Sequence[StoryDecision]:
    """Return those decisions about stories of a team that were not undone, oldest first; others are left out."""
    if not ids:
        return []
    return session.scalars(
        select(StoryDecision)
        .join(Story, Story.id == StoryDecision.story_id)
        .join(Call, Call.id == Story.call_id)
        .join(Campaign)
        .where(StoryDecision.id.in_(ids), StoryDecision.undone_at.is_(None), Campaign.team_id == team.id)
        .order_by(StoryDecision.id)
    ).all()


def calls(session: Session, team: Team) -> list[tuple[Call, str]]:
    """Return the calls of a team to which anything was told that may be published, with their titles, newest first."""
    rows = session.execute(
        select(Call, CallText.title)
        .join(Call.campaign)
        .options(contains_eager(Call.campaign))
        .outerjoin(CallText, and_(CallText.call_id == Call.id, CallText.language == Call.language))
        .where(
            Campaign.team_id == team.id,
            exists().where(Story.call_id == Call.id, Story.state.in_(set(StoryState) - {StoryState.TOLD})),
        )
        .order_by(Call.id.desc())
    )
    return [(call, title or call.slug) for call, title in rows]


def read(
    session: Session, team_calls: Sequence[Call], wanted: Filter, *, after: Cursor | None = None, limit: int = PAGE_SIZE
) -> list[Story]:
    """Return up to ``limit`` stories told to some calls, in the order of the queue, from after a place in it."""
    return _read(session, team_calls, wanted, after, limit, is_newest_first=wanted.state is not None)


def read_before(
    session: Session, team_calls: Sequence[Call], wanted: Filter, before: Cursor, limit: int = NEIGHBOURS
) -> list[Story]:
    """Return up to ``limit`` stories just before a place in the queue, in its order."""
    return _read(session, team_calls, wanted, before, limit, is_newest_first=wanted.state is None)[::-1]


def next_free(
    session: Session, team_calls: Sequence[Call], wanted: Filter, organiser_id: int, after: Cursor | None = None
) -> Story | None:
    """Return the first story, after a place in the queue or else from its start, that nobody else reads."""
    for start in (after, None) if after else (None,):
        for story in read(session, team_calls, wanted, after=start):
            if story.lock_holder in {None, organiser_id}:
                return story
    return None


def cursor(story: Story) -> Cursor:
    """Return where a story stands."""
    return Cursor(story.submitted_at or clock.now(), story.id)


class Surroundings(NamedTuple):
    """What stands around a story: its author's country, what of it is public, and how many others say the same.

    Up to 100 are counted; of a text without letters none.
    """

    country: str | None
    public: PublishedStory | None
    same: int


def surroundings(session: Session, story: Story) -> Surroundings:
    """Return what stands around a story."""
    same = (
        select(Story.id)
        .where(Story.call_id == story.call_id, Story.text_digest == story.text_digest)
        .where(Story.id != story.id, Story.state != StoryState.TOLD)
        .limit(_MOST_COUNTED)
        .subquery()
    )
    number = session.scalar(select(func.count()).select_from(same)) if texts.fold(story.text) else 0
    country = session.scalar(select(Signature.country).where(Signature.id == story.signature_id))
    return Surroundings(country, session.get(PublishedStory, story.id), number or 0)


def _read(
    session: Session,
    team_calls: Sequence[Call],
    wanted: Filter,
    start: Cursor | None,
    limit: int,
    *,
    is_newest_first: bool,
) -> list[Story]:
    states = IN_QUEUE if wanted.state is None else (wanted.state,)
    ranges = [
        _range(call.id, state, wanted, start, limit, is_newest_first=is_newest_first)
        for call in team_calls
        if wanted.call_id in {None, call.id} and wanted.kind in {None, call.kind}
        for state in states
    ]
    found: list[Any] = []
    for first in range(0, len(ranges), _MOST_MERGED):
        parts = [select(part.subquery()) for part in ranges[first : first + _MOST_MERGED]]
        found += session.execute(union_all(*parts)).all()
    ids = [
        row.id
        for row in islice(sorted(found, key=lambda row: (row.submitted_at, row.id), reverse=is_newest_first), limit)
    ]
    stories = {story.id: story for story in session.scalars(select(Story).where(Story.id.in_(ids)))}
    return [stories[story_id] for story_id in ids if story_id in stories]


def _range(
    call_id: int, state: StoryState, wanted: Filter, start: Cursor | None, limit: int, *, is_newest_first: bool
) -> Select[*tuple[Any, ...]]:
    place = tuple_(Story.submitted_at, Story.id)
    conditions: list[ColumnElement[bool]] = [Story.call_id == call_id, Story.state == state]
    if start:
        at = tuple_(literal(start.at, Story.submitted_at.type), literal(start.story_id))
        conditions.append(place < at if is_newest_first else place > at)
    if wanted.language:
        conditions.append(Story.language == wanted.language)
    if wanted.flag == REPEATED:
        # As the index says it, so that SQLite uses that.
        conditions.append(literal_column("story.is_repeated"))
    elif wanted.flag:
        conditions.append(Story.held_because == wanted.flag)
    order = [column.desc() if is_newest_first else column for column in (Story.submitted_at, Story.id)]
    return (
        select(Story.id, Story.submitted_at)
        .join(Signature, Signature.id == Story.signature_id)
        .where(*conditions, Signature.state == SignatureState.CONFIRMED)
        .order_by(*order)
        .limit(limit)
    )
