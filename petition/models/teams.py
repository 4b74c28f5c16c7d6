"""Teams, who is in them, and who is asked to be."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.lib import clock
from petition.models.accounts import Organiser
from petition.models.base import Base, Id, Language, by_value
from petition.models.campaigns import Campaign, Team


class Role(StrEnum):
    """What somebody may do in a team; ``domain/access.py`` has the table."""

    OWNER = "owner"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ANALYST = "analyst"


# Those who decide about what people write.
MODERATORS = frozenset({Role.OWNER, Role.MODERATOR})


class Membership(Base):
    """One organiser's role in one team."""

    __tablename__ = "membership"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    organiser_id: Mapped[int] = mapped_column(
        ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = mapped_column(by_value(Role))
    since: Mapped[datetime]

    organiser: Mapped[Organiser] = relationship()
    team: Mapped[Team] = relationship()


class InvitationState(StrEnum):
    """What became of an invitation; one that nobody answered in time is open and past ``expires_at``."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"


class Invitation(Base):
    """An address that is asked to join a team, or, without a team, to own the site.

    ``nonce`` is in the link; a new one, as when it is sent again, makes older links void.
    """

    __tablename__ = "invitation"

    id: Mapped[Id]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[Role] = mapped_column(by_value(Role))
    language: Mapped[Language]
    state: Mapped[InvitationState] = mapped_column(by_value(InvitationState), default=InvitationState.OPEN)
    nonce: Mapped[str] = mapped_column(String(32))
    invited_by: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    team: Mapped[Team | None] = relationship()

    @property
    def is_expired(self) -> bool:
        """Whether it is too late to answer."""
        return clock.now() >= self.expires_at


class Transfer(Base):
    """A campaign that one team offers to another; it waits until that team's owner agrees."""

    __tablename__ = "transfer"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    offered_by: Mapped[int | None]
    offered_at: Mapped[datetime]

    campaign: Mapped[Campaign] = relationship()
    team: Mapped[Team] = relationship()
