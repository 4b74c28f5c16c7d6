"""What organisers write: the draft of a call, which is its newest revision."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import cast

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import EditConflict, NotFound, SlugTaken
from petition.lib import clock, slugs
from petition.models import (
    Call,
    CallAlias,
    CallContent,
    CallKind,
    CallRevision,
    CallState,
    CallText,
    Campaign,
    Organiser,
    content_of,
    empty_text,
    newest_revisions,
)

MOST_REVISIONS = 50
# What one person saves within this time is one revision.
_ONE_SITTING = timedelta(minutes=10)


def start(
    session: Session,
    person: Organiser,
    campaign: Campaign,
    *,
    kind: CallKind,
    titles: dict[str, str],
    reserved: set[str],
) -> Call:
    """Write a new draft; ``titles`` by language, its own first. Its address comes from its title, none ``reserved``.

    The title is also what people share, until somebody writes better words.
    """
    language, title = next(iter(titles.items()))
    content: CallContent = {
        "slug": _free_slug(session, slugs.propose(title) or kind.value, reserved),
        "kind": kind.value,
        "language": language,
        "hashtag": "",
        "opens_at": None,
        "closes_at": None,
        "goal": None,
        "picture_id": None,
        "partner_reported": 0,
        "texts": {code: {**empty_text(words), "share_text": words} for code, words in titles.items()},
    }
    return _add(session, person, campaign, content, action="start_call")


def copy(session: Session, person: Organiser, call: Call, campaign: Campaign, *, reserved: set[str]) -> Call:
    """Write a new draft with the words of a call, but nothing of its history; a picture stays with its team."""
    content = content_at(newest(session, call))
    content |= {"opens_at": None, "closes_at": None, "partner_reported": 0}
    if campaign.team_id != call.campaign.team_id:
        content["picture_id"] = None
    content["slug"] = _free_slug(session, content["slug"], reserved)
    for text in content["texts"].values():
        text.update({"outcome": "", "reported_total": "", "reported_source": ""})
    return _add(session, person, campaign, content, action="copy_call", old=call.id)


def _add(
    session: Session, person: Organiser, campaign: Campaign, content: CallContent, *, action: str, old: object = ""
) -> Call:
    call = Call(
        campaign=campaign,
        slug=content["slug"],
        kind=CallKind(content["kind"]),
        state=CallState.DRAFT,
        language=content["language"],
        opens_at=clock.now(),
    )
    session.add(call)
    session.flush()
    session.add(_revision(person, call, 1, content))
    audit.record(session, person, action, call, team_id=campaign.team_id, old=old, new=call.slug)
    return call


def content_at(revision: CallRevision) -> CallContent:
    """Return a copy of what a revision holds, that may be changed."""
    content = cast("CallContent", revision.content)
    return {**content, "texts": {language: {**text} for language, text in content["texts"].items()}}


def newest(session: Session, call: Call) -> CallRevision:
    """Return the draft of a call. One that was never edited gets number 0 and what is published, and is not stored."""
    return session.scalar(newest_revisions(call.id).limit(1).execution_options(populate_existing=True)) or CallRevision(
        call_id=call.id, number=0, content=_published(session, call), saved_by=None, saved_at=call.opens_at
    )


def titles(session: Session, calls: Sequence[Call]) -> list[tuple[Call, str, str]]:
    """Return calls with the title of each draft in its own language, which may be empty, and the code of that."""
    last = select(CallRevision.call_id, func.max(CallRevision.number).label("number")).group_by(CallRevision.call_id)
    last_of_each = last.where(CallRevision.call_id.in_([call.id for call in calls])).subquery()
    is_last = CallRevision.call_id == last_of_each.c.call_id, CallRevision.number == last_of_each.c.number
    rows = {row.call_id: row for row in session.scalars(select(CallRevision).join(last_of_each, and_(*is_last)))}
    contents = [content_at(rows.get(call.id) or newest(session, call)) for call in calls]
    return [
        (call, content["texts"][content["language"]]["title"], content["language"])
        for call, content in zip(calls, contents, strict=True)
    ]


def revisions(session: Session, call: Call) -> list[tuple[CallRevision, str]]:
    """Return what is kept of a draft, the newest first, each with the name of who saved it, which may be empty."""
    rows = session.execute(
        select(CallRevision, Organiser.name)
        .outerjoin(Organiser, Organiser.id == CallRevision.saved_by)
        .where(CallRevision.call_id == call.id)
        .order_by(CallRevision.number.desc())
    )
    return [(revision, name or "") for revision, name in rows]


def get_revision(session: Session, call: Call, revision_id: int) -> tuple[CallRevision, str]:
    """Return one revision of a call and who saved it; raises NotFound, also for one of another call."""
    for revision, name in revisions(session, call):
        if revision.id == revision_id:
            return revision, name
    raise NotFound


def save(session: Session, person: Organiser, call: Call, content: CallContent, base_number: int) -> CallRevision:
    """Save a draft that was begun from revision ``base_number``, and return the newest revision.

    Raises EditConflict when somebody else has saved since, and SlugTaken. What one person saves within ten minutes
    replaces their own newest revision, under a new number; what changes nothing is not saved. A call that was never
    published takes its address from the draft at once.
    """
    # Two who save at one moment take turns here, on both databases.
    session.execute(update(Call).where(Call.id == call.id).values(version=Call.version))
    last = newest(session, call)
    content = {**content, "picture_id": content_at(last)["picture_id"]}
    if content == last.content:
        return last
    _refuse_conflict(session, person, call, base_number)
    _set_slug(session, call, content)
    if last.number == base_number and _is_same_sitting(session, person, call, last):
        last.number, last.content, last.saved_at = last.number + 1, dict(content), clock.now()
        session.flush()
        return last
    revision = _revision(person, call, last.number + 1, content)
    session.add(revision)
    audit.record(
        session, person, "edit_call", call, team_id=call.campaign.team_id, old=last.number or "", new=revision.number
    )
    _forget_oldest(session, call)
    return revision


def restore(session: Session, person: Organiser, call: Call, revision: CallRevision) -> CallRevision:
    """Save what an earlier revision holds as the newest, and return it; its slug stays behind if it is taken by now."""
    last = newest(session, call)
    content = content_at(revision)
    if _is_taken(session, call, content["slug"]):
        content["slug"] = content_at(last)["slug"]
    return save(session, person, call, content, last.number)


def _published(session: Session, call: Call) -> dict[str, object]:
    texts = session.scalars(select(CallText).where(CallText.call_id == call.id).order_by(CallText.language)).all()
    # The call's own language stands first.
    return dict(content_of(call, sorted(texts, key=lambda text: text.language != call.language)))


def _revision(person: Organiser, call: Call, number: int, content: CallContent) -> CallRevision:
    return CallRevision(call_id=call.id, number=number, content=dict(content), saved_by=person.id, saved_at=clock.now())


def _refuse_conflict(session: Session, person: Organiser, call: Call, base_number: int) -> None:
    since = CallRevision.number > base_number, CallRevision.saved_by.is_distinct_from(person.id)
    theirs = session.scalar(newest_revisions(call.id).where(*since).limit(1))
    if theirs is not None:
        author = session.get(Organiser, theirs.saved_by) if theirs.saved_by else None
        raise EditConflict(theirs, author.name if author else "", theirs.saved_at)


def _is_same_sitting(session: Session, person: Organiser, call: Call, last: CallRevision) -> bool:
    """Whether the newest revision is the person's, and the one before it not older than a sitting."""
    before: Sequence[CallRevision] = session.scalars(newest_revisions(call.id).offset(1).limit(1)).all()
    return last.saved_by == person.id and bool(before) and before[0].saved_at > clock.now() - _ONE_SITTING


def _forget_oldest(session: Session, call: Call) -> None:
    session.flush()
    kept = newest_revisions(call.id).with_only_columns(CallRevision.id).limit(MOST_REVISIONS)
    session.execute(delete(CallRevision).where(CallRevision.call_id == call.id, CallRevision.id.not_in(kept)))


def _set_slug(session: Session, call: Call, content: CallContent) -> None:
    """Check that the slug is free; a call that was never published has it at once. Raises SlugTaken."""
    if _is_taken(session, call, content["slug"]):
        raise SlugTaken
    if call.version or call.state not in {CallState.DRAFT, CallState.REVIEW}:
        return
    try:
        with session.begin_nested():
            call.slug, call.kind, call.language = content["slug"], CallKind(content["kind"]), content["language"]
    except IntegrityError:
        raise SlugTaken from None


def _is_taken(session: Session, call: Call | None, slug: str) -> bool:
    """Whether another call has a slug, or had it."""
    owners = session.scalars(
        select(Call.id).where(Call.slug == slug).union(select(CallAlias.call_id).where(CallAlias.slug == slug))
    )
    return any(owner != (call and call.id) for owner in owners)


def _free_slug(session: Session, wish: str, reserved: set[str]) -> str:
    for number in count(1):
        slug = wish if number == 1 else f"{wish}-{number}"
        if slug not in reserved and not _is_taken(session, None, slug):
            return slug
    raise AssertionError
