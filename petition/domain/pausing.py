"""How a published call is paused and resumed, put into the archive, and taken down."""

from typing import Any

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import WrongPhase
from petition.lib import clock
from petition.models import (
    IS_PENDING,
    SHOWN,
    Call,
    CallEvent,
    CallEventKind,
    CallState,
    Organiser,
    RemovalReason,
    Signature,
)
from petition.models.base import Later


def pause(session: Session, person: Organiser, call: Call, *, notice: dict[str, str]) -> None:
    """Let nobody sign for now; ``notice`` tells the public why, by language. Mailed confirmations still count.

    Raises WrongPhase for a call that is paused already, or closed.
    """
    if call.is_closed:
        raise WrongPhase
    now = clock.now()
    _move(session, call, (CallState.PUBLISHED,), state=CallState.PAUSED, paused_at=now)
    _tell(session, call, CallEventKind.PAUSED, notice)
    _record(session, person, "pause_call", call)


def resume(session: Session, person: Organiser, call: Call) -> None:
    """Let people sign again; the time of what waits, and of the grace after closing, stood still meanwhile.

    Raises WrongPhase for a call that is not paused.
    """
    now, paused_at = clock.now(), call.paused_at or clock.now()
    grace_ends_at = call.confirmations_end_at if call.is_closed else None
    _move(session, call, (CallState.PAUSED,), state=CallState.PUBLISHED, paused_at=None, grace_ends_at=grace_ends_at)
    # Whose days began anew during the pause has them all.
    begun_at = case(
        (Signature.requested_at <= paused_at, Later(Signature.requested_at, (now - paused_at).total_seconds())),
        else_=now,
    )
    session.execute(
        update(Signature)
        .where(Signature.call_id == call.id, IS_PENDING)
        .values(requested_at=begun_at)
        .execution_options(synchronize_session=False)
    )
    _tell(session, call, CallEventKind.RESUMED)
    _record(session, person, "resume_call", call)


def archive(session: Session, person: Organiser, call: Call) -> None:
    """Put a closed call among those that are done with; raises WrongPhase for one that is not closed."""
    if not call.is_closed:
        raise WrongPhase
    _move(session, call, (CallState.PUBLISHED,), state=CallState.ARCHIVED)
    _tell(session, call, CallEventKind.ARCHIVED)
    _record(session, person, "archive_call", call)


def take_down(session: Session, person: Organiser, call: Call, *, reason: RemovalReason) -> None:
    """Show a call no more, but that it was there; from now on nothing of it is confirmed.

    Raises WrongPhase for a call that the public does not see.
    """
    now = clock.now()
    _move(session, call, SHOWN, state=CallState.REMOVED, removed_at=now, removal_reason=reason, paused_at=None)
    _tell(session, call, CallEventKind.REMOVED)
    _record(session, person, "take_call_down", call, new=reason.value)


def _move(session: Session, call: Call, allowed: tuple[CallState, ...], **values: Any) -> None:
    """Change a call that is in one of these states at this instant, whoever presses at the same time."""
    moved = session.execute(
        update(Call)
        .where(Call.id == call.id, Call.state.in_(allowed))
        .values(**values)
        .returning(Call.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.refresh(call)
    if not moved:
        raise WrongPhase


def _tell(session: Session, call: Call, kind: CallEventKind, notice: dict[str, str] | None = None) -> None:
    session.add(CallEvent(call_id=call.id, kind=kind, at=clock.now(), notice=notice or {}))


def _record(session: Session, person: Organiser, action: str, call: Call, *, new: str = "") -> None:
    audit.record(session, person, action, call, team_id=call.campaign.team_id, new=new)
