"""Which key the digests in this database were made with."""

from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base


class DigestKey(Base):
    """The fingerprint of PETITION_DIGEST_KEY, from which the key cannot be found; one row, whose id is 1."""

    __tablename__ = "digest_key"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fingerprint: Mapped[bytes]
