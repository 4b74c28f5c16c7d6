"""Counts that tell machines from people; they are kept for as long as their window of time lasts."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base


class RateCount(Base):
    """How often one thing happened in one window of time, in all processes together.

    The key is a keyed digest: neither the network nor the address that it stands for can be read from it.
    """

    __tablename__ = "rate_count"

    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    hits: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
