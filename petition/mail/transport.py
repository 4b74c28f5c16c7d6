"""Where messages go: to a mail server over one connection for many, or into a folder."""

import re
import time
from contextlib import suppress
from pathlib import Path
from smtplib import SMTPException
from typing import NamedTuple

import flask_mail

from petition.config import Settings
from petition.mail.errors import (
    ConnectionLost,
    DeliveryError,
    PermanentFailure,
    ServerUnavailable,
    TransientFailure,
    describe,
)
from petition.mail.smtp import MESSAGE_SECONDS, Connection, mail_state

# Printable ASCII, and nothing that ends an address in a command.
_SAFE_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class RenderedMessage(NamedTuple):
    """A message as it goes over the wire, with CRLF line ends, and to whom.

    ``envelope_id`` comes back in a report of non-delivery (RFC 3461 §4.4): at most 100 printable ASCII characters
    without ``+`` and ``=``.
    """

    recipient: str
    content: bytes
    envelope_id: str


def check_recipient(address: str) -> str:
    """Return an address that can stand in a header and in a command; raises PermanentFailure for any other."""
    if not _SAFE_ADDRESS.fullmatch(address):
        raise PermanentFailure("The address cannot be used.")
    return address


class SmtpTransport:
    """Sends messages over one connection, opened when needed and replaced when the server has had enough of it."""

    def __init__(self, mail: flask_mail.Mail) -> None:
        self._mail = mail
        self._connection: Connection | None = None
        self._is_used = False

    def send(self, letter_id: int, message: RenderedMessage, until: float) -> None:
        """Hand a message over, on a second connection where the first one was used before; raises DeliveryError.

        Nothing is begun that a slow server might not have answered at ``until``, a time of ``time.monotonic``.
        """
        connection, was_used = self.open(), self._is_used
        if time.monotonic() + MESSAGE_SECONDS > until:
            raise ServerUnavailable("The mail server answers too slowly.")
        try:
            connection.deliver(message.recipient, message.content, message.envelope_id)
        except DeliveryError:
            self._is_used = True
            raise
        except (SMTPException, OSError) as error:
            self.close()
            maybe_delivered = connection.maybe_delivered
            if not was_used or maybe_delivered:
                kind = TransientFailure if was_used else ConnectionLost
                raise kind(describe(error), maybe_delivered=maybe_delivered) from None
            # The connection was worn out, by a limit of messages or of time. A fresh one decides.
            self.send(letter_id, message, until)
        self._is_used = True

    def check(self) -> None:
        """Greet the server and say good-bye; raises ServerUnavailable."""
        self.open()
        self.close()

    def close(self) -> None:
        """Say good-bye to the server, if it still listens."""
        connection, self._connection, self._is_used = self._connection, None, False
        if connection:
            with suppress(SMTPException, OSError):
                connection.host.quit()
            connection.host.close()

    def open(self) -> Connection:
        """Return the connection, a new one where there is none; raises ServerUnavailable."""
        if self._connection is None:
            try:
                self._connection = Connection(self._mail)
            except (SMTPException, OSError, UnicodeError) as error:
                raise ServerUnavailable(describe(error)) from None
        return self._connection


class FileTransport:
    """Writes messages as ``.eml`` files, one each, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter_id: int, message: RenderedMessage, until: float) -> None:
        """Write a message to ``<letter_id>.eml``; raises ServerUnavailable when the disk does not take it."""
        part = self._folder / f"{letter_id}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(message.content)
            part.replace(part.with_suffix(".eml"))
        except OSError as error:
            raise ServerUnavailable(describe(error)) from None

    def open(self) -> None:
        """Do nothing: the folder is made when it is needed."""

    def check(self) -> None:
        """Do nothing: the folder is made when it is needed."""

    def close(self) -> None:
        """Do nothing: each file is complete."""


Transport = SmtpTransport | FileTransport


def open_transport(settings: Settings) -> Transport:
    """Return the transport that the settings name, for one thread; it connects when first used. Close it after use."""
    return SmtpTransport(mail_state(settings)) if settings.mail_server else FileTransport(settings.mail_folder)
