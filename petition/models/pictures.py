"""Pictures that organisers uploaded."""

from datetime import datetime
from typing import Any

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


def picture_columns(picture: Picture | None) -> dict[str, Any]:
    """Return what a published call says of its picture, by the names of its columns; empty without one."""
    if picture is None or picture.removed_at:
        none = dict.fromkeys(("image", "image_credit", "image_licence", "image_licence_url", "image_source_url"), "")
        return {**none, "picture_id": None, "image_width": 1200, "image_height": 630}
    return {
        "picture_id": picture.id,
        "image": f"media/{picture.name}.webp",
        "image_width": picture.width,
        "image_height": picture.height,
        "image_credit": picture.credit,
        "image_licence": picture.licence,
        "image_licence_url": picture.licence_url,
        "image_source_url": picture.source_url,
    }
