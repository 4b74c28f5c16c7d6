"""Pictures that organisers uploaded."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.models.base import Base, Id
from petition.models.campaigns import Team


class Picture(Base):
    """One picture of a team, whose files are named after the digest of their content.

    ``name`` is that digest in hexadecimal, the same for equal pictures; sizes are those of the WebP, in pixels.
    ``credit`` and ``licence`` are always there, until the picture is taken down: then ``removed_at`` says when, and
    nothing else of it is kept.
    """

    __tablename__ = "picture"

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    credit: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(60))
    licence_url: Mapped[str] = mapped_column(String(300), default="")
    source_url: Mapped[str] = mapped_column(String(300), default="")
    uploaded_by: Mapped[int | None]
    uploaded_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
