"""Stories of the demo content: made up, and each says so in the name beside it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import moderation, publications, telling
from petition.domain.publications import Place
from petition.models import (
    Call,
    Decision,
    Membership,
    Organiser,
    ReasonClass,
    Role,
    Story,
    StoryState,
    StoryWords,
    columns_of,
)

# So long after it was told each was read.
_WAIT = timedelta(hours=2)
# What a moderator answered, by where the file says that a story stands.
_ANSWERS = {
    "refused": (Decision.REFUSE, ReasonClass.ADVERTISING, "This wall is for stories, not for offers."),
    "change-asked": (Decision.ASK, ReasonClass.PRIVATE, "Could you tell it without the number of the house?"),
}


def tell(session: Session, call: Call, signature_id: int, *, told_at: datetime, words: StoryWords, state: str) -> None:
    """Write the story of a confirmed signature: it waits, or is held, as any; then what a moderator did with it."""
    story = Story(signature_id=signature_id, call_id=call.id, state=StoryState.TOLD, revision=1, **columns_of(words))
    session.add(story)
    session.flush()
    telling.submit(session, [signature_id])
    story.submitted_at = told_at
    if state in _ANSWERS:
        decision, reason, sentence = _ANSWERS[state]
        moderation.decide(
            session,
            _moderator(session, call),
            story,
            revision=1,
            decision=decision,
            reason_class=reason,
            sentence=sentence,
        )
    elif state in {"approved", "featured"}:
        story.state, story.held_because, story.decided_at = StoryState.APPROVED, None, told_at + _WAIT
        publications.publish(session, story, Place(story.decided_at, story.decided_at if state == "featured" else None))


def _moderator(session: Session, call: Call) -> Organiser | None:
    """Return the moderator of a call's team, or None."""
    return session.scalar(
        select(Organiser)
        .join(Membership)
        .where(Membership.team_id == call.campaign.team_id, Membership.role == Role.MODERATOR)
        .order_by(Organiser.id)
        .limit(1)
    )
