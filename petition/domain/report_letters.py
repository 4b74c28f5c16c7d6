"""The letters about reports: a receipt and the outcome for who reported, and word of a story that is held.

``Letter.version`` is the id of the report, or that of the story. What a reporter typed stands in none of them: the
address may be somebody else's.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from petition import terms
from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.models import (
    REPORTED,
    Call,
    CallText,
    Campaign,
    Letter,
    Report,
    ReportCase,
    ReportDecision,
    ReportedThing,
    Signature,
    Story,
    StoryState,
    link_id,
)


class ReportContext(NamedTuple):
    """What a letter says: ``number`` of the report, ``thing`` and ``title`` of its call, and the newest decision.

    ``outcome``, ``ground`` and ``sentence`` are empty while nothing is decided, ``sentence_language`` then too;
    ``is_automatic`` says that no person decided.
    """

    number: int
    thing: str
    title: str
    language: str
    accent: str
    campaign: str
    slug: str
    outcome: str = ""
    ground: str = ""
    sentence: str = ""
    sentence_language: str = ""
    is_automatic: bool = False


def for_reporters(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each receipt and outcome says now, by letter id, without reports that are deleted."""
    ids = [int(letter.version) for letter in batch]
    rows = session.execute(
        _CASES.add_columns(Report.id.label("report_id"), Report.nonce)
        .join(Report, Report.case_id == ReportCase.id)
        .where(Report.id.in_(ids))
    ).all()
    found = {str(row.report_id): row for row in rows}
    decided = _decisions(session, [row.case_id for row in rows])
    return {
        letter.id: Content(
            letter.template, (Entry(_context(row, decided.get(row.case_id)), f"{row.report_id}.{row.nonce}"),)
        )
        for letter in batch
        for row in [found.get(letter.version)]
        if row
    }


def for_authors(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter to the author of a story says, by letter id, without those that are not held any more."""
    is_theirs = (
        Story.id == ReportCase.thing_id,
        ReportCase.thing == ReportedThing.STORY,
        ReportCase.held_at.is_not(None),
    )
    rows = session.execute(
        _CASES.add_columns(Signature.id.label("signature_id"), Signature.email_digest)
        .join(Story, and_(*is_theirs))
        .join(Signature, Signature.id == Story.signature_id)
        .where(
            Story.id.in_([int(letter.version) for letter in batch]),
            Story.state == StoryState.HELD,
            Story.held_because == REPORTED,
        )
    ).all()
    found = {str(row.thing_id): row for row in rows}
    return {
        letter.id: Content(letter.template, (Entry(_context(row, None), link_id(row.signature_id, row.email_digest)),))
        for letter in batch
        for row in [found.get(letter.version)]
        if row and row.email_digest == letter.email_digest
    }


def _context(row: Row[*tuple[Any, ...]], decision: ReportDecision | None) -> ReportContext:
    context = ReportContext(
        number=getattr(row, "report_id", row.case_id),
        thing=row.thing.value,
        title=" ".join((row.title or row.slug).split()),
        language=row.language,
        accent=row.accent,
        campaign=row.campaign,
        slug=row.slug,
    )
    if decision is None:
        return context
    return context._replace(
        outcome=decision.outcome.value,
        ground=decision.ground.value if decision.ground else "",
        sentence=decision.sentence,
        sentence_language=decision.language,
        is_automatic=decision.decided_by is None,
    )


def _decisions(session: Session, case_ids: Sequence[int]) -> dict[int, ReportDecision]:
    """Return the newest decision by case."""
    rows = session.scalars(
        select(ReportDecision).where(ReportDecision.case_id.in_(case_ids)).order_by(ReportDecision.number)
    )
    return {row.case_id: row for row in rows}


_CASES = (
    select(
        ReportCase.id.label("case_id"),
        ReportCase.thing,
        ReportCase.thing_id,
        Call.slug,
        Call.language,
        CallText.title,
        Campaign.accent,
        Campaign.hashtag.label("campaign"),
    )
    .join(Call, Call.id == ReportCase.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .outerjoin(CallText, (CallText.call_id == Call.id) & (CallText.language == Call.language))
)

_RECEIPT = {"report": timedelta(days=terms.REPORT_LINK_DAYS)}

letters.register(LetterKind("report_receipt", priority=1, content=for_reporters, links=_RECEIPT, same_per_day=5))
letters.register(LetterKind("report_outcome", priority=1, content=for_reporters, links=_RECEIPT))
letters.register(
    LetterKind("story_held", priority=1, content=for_authors, links={"me": timedelta(days=terms.LINK_DAYS)})
)
