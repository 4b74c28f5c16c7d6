"""How many stories wait for the moderators of a team, and how long authors usually wait."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select, union_all
from sqlalchemy.orm import Session

from petition.lib import clock
from petition.models import IN_QUEUE, Call, Campaign, Signature, SignatureState, Story, StoryState, Team

# So many are counted; more are told as "more than".
MOST_COUNTED = 1000
# The usual wait is the median of so many decisions of the last days, at most.
_USUAL_SPAN = timedelta(days=7)
_MOST_MEASURED = 500


class Waiting(NamedTuple):
    """How many stories wait, at most MOST_COUNTED, and since when the oldest does."""

    number: int
    oldest_at: datetime | None


def waiting(session: Session, team: Team) -> Waiting:
    """Return how many stories told to calls of a team wait for its moderators."""
    theirs = select(Call.id).join(Campaign).where(Campaign.team_id == team.id)
    some = _queued(Story.call_id.in_(theirs), Story.state.in_(IN_QUEUE)).limit(MOST_COUNTED + 1).subquery()
    number = session.scalar(select(func.count()).select_from(some)) or 0
    # The first of each call is found in the index; sorting those of all calls would read all that wait.
    firsts = [
        select(_first(state).label("at")).select_from(Call).join(Campaign).where(Campaign.team_id == team.id)
        for state in IN_QUEUE
    ]
    oldest = union_all(*firsts).subquery()
    return Waiting(number, session.scalar(select(func.min(oldest.c.at))) if number else None)


def _queued(*conditions: ColumnElement[bool]) -> Select[datetime | None]:
    return (
        select(Story.submitted_at)
        .join(Signature, Signature.id == Story.signature_id)
        .where(Signature.state == SignatureState.CONFIRMED, *conditions)
    )


def _first(state: StoryState) -> ScalarSelect[Any]:
    first = _queued(Story.call_id == Call.id, Story.state == state).order_by(Story.submitted_at).limit(1)
    return first.correlate(Call).scalar_subquery()


def usual_wait(session: Session, call_id: int) -> timedelta | None:
    """Return the median of how long authors of one call waited for what was decided in the last 7 days, or None."""
    rows = session.execute(
        select(Story.submitted_at, Story.decided_at)
        .where(Story.call_id == call_id, Story.decided_at > clock.now() - _USUAL_SPAN)
        .order_by(Story.decided_at.desc())
        .limit(_MOST_MEASURED)
    )
    waits = [decided_at - submitted_at for submitted_at, decided_at in rows if submitted_at and decided_at]
    return timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None
