"""What the site's owners switch while it runs."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from petition.lib.languages import INTERFACE
from petition.models.base import Base, LongText

# The switches that hold the banner's text, by language, and how many characters it has at most.
BANNERS = {language: f"banner_{language}" for language in INTERFACE}
BANNER_LENGTH = 200


class Switch(Base):
    """The value of one switch, as text; a switch without a row is off."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[LongText]
    changed_at: Mapped[datetime]
