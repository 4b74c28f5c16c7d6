"""A second pair of eyes on a draft, where a team wants one: submit, approve, send back.

What is approved is one revision; an edit makes another one, and so undoes it.
"""

from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Conflict, StaleRevision, WrongPhase
from petition.models import Call, CallRevision, CallState, Organiser, newest_revisions

_UNPUBLISHED = (CallState.DRAFT, CallState.REVIEW)


class OwnSubmission(Conflict):
    """Raised when somebody would approve what they submitted or wrote themselves."""


def submit(session: Session, person: Organiser, call: Call, *, revision: int) -> None:
    """Ask for a second pair of eyes; raises StaleRevision, and WrongPhase for what is published or was ended."""
    _get_newest(session, call, revision)
    if not call.is_editable or revision == call.published_revision:
        raise WrongPhase
    if call.state in _UNPUBLISHED:
        call.state = CallState.REVIEW
    call.submitted_by, call.submitted_revision, call.approved_revision = person.id, revision, None
    _record(session, person, "submit_call", call, revision)


def approve(session: Session, person: Organiser, call: Call, *, revision: int) -> None:
    """Approve the revision that was submitted; raises StaleRevision, OwnSubmission, WrongPhase without a submission."""
    if call.submitted_revision is None:
        raise WrongPhase
    draft = _get_newest(session, call, revision)
    if revision != call.submitted_revision:
        raise StaleRevision
    if person.id in {call.submitted_by, draft.saved_by}:
        raise OwnSubmission
    call.approved_revision = revision
    _record(session, person, "approve_call", call, revision)


def send_back(session: Session, person: Organiser, call: Call) -> None:
    """Undo a submission, and its approval; raises WrongPhase without one."""
    submitted = call.submitted_revision
    if submitted is None:
        raise WrongPhase
    if call.state == CallState.REVIEW:
        call.state = CallState.DRAFT
    call.submitted_by = call.submitted_revision = call.approved_revision = None
    _record(session, person, "send_call_back", call, submitted)


def _get_newest(session: Session, call: Call, number: int) -> CallRevision:
    draft = session.scalar(newest_revisions(call.id).limit(1))
    if draft is None or draft.number != number:
        raise StaleRevision
    return draft


def _record(session: Session, person: Organiser, action: str, call: Call, revision: int) -> None:
    audit.record(session, person, action, call, team_id=call.campaign.team_id, new=f"revision {revision}")
