"""What the site's owners switch while it runs."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, LongText


class Switch(Base):
    """The value of one switch, as text; a switch without a row is off."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[LongText]
    changed_at: Mapped[datetime]
