"""The tally: what the total is made of, kept ready so that nothing is ever counted in a request."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, by_value


class Dimension(StrEnum):
    """What a tally row counts by."""

    TOTAL = "total"
    HOUR = "hour"
    COUNTRY = "country"
    LANGUAGE = "language"
    PARTNER = "partner"
    CHANNEL = "channel"
    REPORTED = "reported"


class Tally(Base):
    """Confirmed signatures of one call by one key of one dimension, in one of several shards.

    A single counter row would make all confirmations of a viral call queue for it; a figure is the sum of its shards,
    and one shard may be negative. Each figure equals a ``group by`` over the confirmed signatures; those by REPORTED,
    whose key is a partner, are the sum of the partner's reports that count, and no part of the others.
    """

    __tablename__ = "tally"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    dimension: Mapped[Dimension] = mapped_column(by_value(Dimension), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True)
    confirmed: Mapped[int]
