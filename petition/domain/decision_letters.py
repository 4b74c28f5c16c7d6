"""The letter that tells an author what was decided about their story; ``Letter.version`` is the id of the decision."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from petition import terms
from petition.domain import letters
from petition.domain.letters import Content, Entry, LetterKind
from petition.models import (
    SHOWN,
    Call,
    CallText,
    Campaign,
    Letter,
    PublishedStory,
    Signature,
    SignatureState,
    Story,
    StoryDecision,
    link_id,
)


class DecisionContext(NamedTuple):
    """What a letter about a decision says; ``story_id`` is 0 where nothing is public, ``language`` the title's."""

    title: str
    language: str
    accent: str
    slug: str
    campaign: str
    organiser: str
    decision: str
    reason_class: str
    sentence: str
    is_by_itself: bool
    can_object: bool
    story_id: int


def for_decisions(session: Session, batch: Sequence[Letter]) -> dict[int, Content]:
    """Return what each letter says, by letter id, without decisions that were undone, followed or overtaken."""
    rows = session.execute(_DECISIONS.where(StoryDecision.id.in_([int(letter.version) for letter in batch]))).all()
    found = {str(row.decision_id): row for row in rows}
    texts = select(CallText.call_id, CallText.language, CallText.title)
    texts = texts.where(CallText.call_id.in_({row.call_id for row in rows}))
    titles = {(call_id, language): title for call_id, language, title in session.execute(texts)}
    return {
        letter.id: Content("story_decided", [_entry(found[letter.version], titles, letter.language)])
        for letter in batch
        if letter.version in found and found[letter.version].email_digest == letter.email_digest
    }


def _entry(row: Row[*tuple[object, ...]], titles: dict[tuple[int, str], str], language: str) -> Entry:
    shown = language if (row.call_id, language) in titles else row.call_language
    context = DecisionContext(
        title=" ".join(titles.get((row.call_id, shown), row.slug).split()),
        language=shown,
        accent=row.accent,
        slug=row.slug,
        campaign=row.campaign,
        organiser=" · ".join(filter(None, (row.campaign, row.organiser_name))),
        decision=row.decision.value,
        reason_class=row.reason_class,
        sentence=row.sentence,
        is_by_itself=row.by is None,
        can_object=row.second_look_of is None,
        story_id=row.public_id or 0,
    )
    return Entry(context, link_id(row.signature_id, row.email_digest))


_LATER = aliased(StoryDecision)
_DECISIONS = (
    select(
        StoryDecision.id.label("decision_id"),
        StoryDecision.decision,
        StoryDecision.reason_class,
        StoryDecision.sentence,
        StoryDecision.by,
        StoryDecision.second_look_of,
        Signature.id.label("signature_id"),
        Signature.email_digest,
        PublishedStory.story_id.label("public_id"),
        Call.id.label("call_id"),
        Call.slug,
        Call.language.label("call_language"),
        Campaign.accent,
        Campaign.hashtag.label("campaign"),
        Campaign.organiser_name,
    )
    .join(Story, Story.id == StoryDecision.story_id)
    .join(Signature, Signature.id == Story.signature_id)
    .join(Call, Call.id == Story.call_id)
    .join(Campaign, Campaign.id == Call.campaign_id)
    .outerjoin(PublishedStory, PublishedStory.story_id == Story.id)
    .where(
        StoryDecision.undone_at.is_(None),
        StoryDecision.revision == Story.revision,
        Signature.state == SignatureState.CONFIRMED,
        Call.state.in_(SHOWN),
        ~select(_LATER.id)
        .where(_LATER.story_id == StoryDecision.story_id, _LATER.id > StoryDecision.id, _LATER.undone_at.is_(None))
        .exists(),
    )
)

letters.register(
    LetterKind("story_decided", priority=1, content=for_decisions, links={"me": timedelta(days=terms.LINK_DAYS)})
)
