"""From a draft to words that the public sees, for the first time."""

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Conflict
from petition.lib import clock
from petition.models import (
    CONSENT_VERSION,
    Call,
    CallContent,
    CallRevision,
    CallState,
    CallText,
    CallVersion,
    Organiser,
    call_columns,
    moment,
    text_columns,
)


class Incomplete(Conflict):
    """Raised when required words are missing in the call's own language, or in one that is published already."""


class AskChanged(Conflict):
    """Raised when what people signed would change without being declared a correction, with a note for the public."""


def newest_revision(session: Session, call: Call) -> CallRevision | None:
    """Return the draft of a call; None for a call that was never edited."""
    return session.scalar(
        select(CallRevision).where(CallRevision.call_id == call.id).order_by(CallRevision.number.desc()).limit(1)
    )


def publish(session: Session, person: Organiser | None, call: Call, *, revision: int, note: str = "") -> None:
    """Show a revision of a call that was never published; raises Incomplete, and AskChanged for any other call."""
    draft = newest_revision(session, call)
    if draft is None or draft.number != revision or call.version or note:
        raise AskChanged
    content, now = cast("CallContent", draft.content), clock.now()
    words = content["texts"].get(content["language"])
    if words is None or not all((words["title"], words["addressees"], words["ask"], words["body"])):
        raise Incomplete
    for name, value in call_columns(content).items():
        setattr(call, name, value)
    call.opens_at, call.closes_at = moment(content["opens_at"]) or now, moment(content["closes_at"])
    call.state, call.version, call.consent_version = CallState.PUBLISHED, 1, CONSENT_VERSION
    texts = dict(content["texts"])
    by = person.id if person else None
    session.add(CallVersion(call_id=call.id, number=1, texts=texts, published_by=by, published_at=now))
    session.add_all(CallText(call_id=call.id, **text_columns(language, text)) for language, text in texts.items())
    audit.record(session, person, "publish_call", call, team_id=call.campaign.team_id, new=f"revision {revision}")
