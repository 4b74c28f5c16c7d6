"""Organisers, how they prove who they are, and where they are signed in."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import Base, Digest, Id, Language


class Organiser(Base):
    """A person with an account.

    ``email_key`` is the one spelling by which an address belongs to one account only; letters go to ``email``.
    ``password_hash`` is Argon2's own text, ``totp_secret`` encrypted; both are None until chosen. ``totp_step`` is the
    30-second step whose code was used last. ``is_site_owner`` gives the switches of the whole site, and no supporter.
    """

    __tablename__ = "organiser"
    # An id is never given twice: the audit log names people by it when their account is gone.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(320))
    email_key: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[Language]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    is_site_owner: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    @property
    def password_link_id(self) -> str:
        """What a link to a new password means: another once the password or the address is, so it is good once."""
        state = f"{self.email_key}\0{self.password_hash}"
        return f"{self.id}.{sha256(state.encode()).hexdigest()[:32]}"


class OrganiserSession(Base):
    """One browser's session under ``/organise/``; ``organiser_id`` is None until somebody signs in.

    ``digest`` is that of the random secret in the cookie; ``fresh_at`` is when the person last proved who they are.
    """

    __tablename__ = "organiser_session"

    id: Mapped[Id]
    digest: Mapped[Digest] = mapped_column(unique=True)
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    device: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime]
    fresh_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser in which somebody signed in before, by the digest of a secret of its own and of who it was."""

    __tablename__ = "known_device"

    id: Mapped[Id]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    digest: Mapped[Digest] = mapped_column(unique=True)
    device: Mapped[str] = mapped_column(String(120), default="")
    last_seen_at: Mapped[datetime] = mapped_column(index=True)


class Passkey(Base):
    """A public key of WebAuthn; ``transports`` are the authenticator's words, joined by commas."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Challenge(Base):
    """A random value that one answer of WebAuthn may carry, once, within minutes."""

    __tablename__ = "challenge"

    id: Mapped[Id]
    value: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    organiser_id: Mapped[int | None] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RecoveryCode(Base):
    """A code that stands in for the second factor once, by its digest."""

    __tablename__ = "recovery_code"

    id: Mapped[Id]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), index=True)
    digest: Mapped[Digest]


class EmailChange(Base):
    """A new address that waits until both mailboxes agree; one an organiser."""

    __tablename__ = "email_change"

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    nonce: Mapped[str] = mapped_column(String(32))
    old_agreed_at: Mapped[datetime | None]
    new_agreed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class AccountReset(Base):
    """A way back in for somebody who lost every factor: good from ``due_at`` on, if nobody objected; one an organiser.

    ``asked_by`` is the organiser who asked for it, or None for an operator.
    """

    __tablename__ = "account_reset"

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id", ondelete="CASCADE"), primary_key=True)
    asked_by: Mapped[int | None]
    nonce: Mapped[str] = mapped_column(String(32))
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
