"""Which sites may show the form of a call in a frame: all of them, or those that organisers name."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from petition.domain import audit
from petition.errors import Conflict
from petition.models import Call, Organiser


class FramesChanged(Conflict):
    """Raised when somebody else has changed the list since it was shown; nothing was changed."""


def origins(call: Call) -> list[str]:
    """Return the origins that may show the form of a call; none for all."""
    return call.frame_origins.split()


def change(session: Session, actor: Organiser, call: Call, shown: str, new: Sequence[str]) -> None:
    """Let these origins show the form of a call, or all when there are none; ``shown`` is what the page showed.

    Raises FramesChanged.
    """
    session.refresh(call, with_for_update=True)
    if call.frame_origins != shown:
        raise FramesChanged
    said = " ".join(new)
    if said != shown:
        call.frame_origins = said
        audit.record(
            session, actor, "change_frames", call, team_id=call.campaign.team_id, old=shown or "*", new=said or "*"
        )
