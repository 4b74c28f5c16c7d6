"""How letters leave the house: over one SMTP connection for many, or into a folder."""

import re
import socket
import ssl
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException
from typing import NamedTuple

import flask_mail
from flask import current_app

from petition.config import Settings

_TIMEOUT = 10
# Who hangs up while the server still checks the content cannot know whether the letter arrived, and sends it twice.
_TIMEOUT_AT_THE_END = 30

# The server closes, or wants a login first: nothing against the letter.
_NOT_NOW = {421, 530, 534, 535, 538}
# "Not allowed" and "too much today" speak of this server's standing, not of the recipient: an operator can mend that.
_ABOUT_US = re.compile(rb"5\.7\.|5\.4\.5\b")


# Printable ASCII, and nothing that ends an address in a command.
_USABLE = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")


class Undelivered(Exception):
    """Raised when a letter was not accepted; ``reason`` tells why and holds no address.

    ``in_doubt`` means that the server had all of it and did not answer: it may have arrived.
    """

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.in_doubt = reason, in_doubt


class Refused(Undelivered):
    """Raised when the server will never accept this letter."""


class Postponed(Undelivered):
    """Raised when the server does not accept this letter now; the next one may do better."""


class Broken(Undelivered):
    """Raised when the connection failed under this letter; the next one would hardly do better."""


class Down(Undelivered):
    """Raised when the server could not be reached at all; no letter was tried."""


class Ready(NamedTuple):
    """A letter as it goes over the wire, and to whom."""

    recipient: str
    content: bytes


def usable(address: str) -> str:
    """Return an address that can stand in a header and in a command; raises Refused for any other."""
    if not _USABLE.fullmatch(address):
        raise Refused("The address cannot be used.")
    return address


class Connection(flask_mail.Connection):
    """Flask-Mail's connection with time limits, verified TLS, and an ear for what the server says about each letter."""

    host: SMTP

    def __init__(self, mail: flask_mail.Mail) -> None:
        super().__init__(mail)
        self.in_doubt = False
        self._sender = parseaddr(flask_mail.sanitize_address(mail.default_sender or ""))[1]
        self.host = self.configure_host()

    def configure_host(self) -> SMTP:
        """Return a greeted host, encrypted and logged in as set; never plaintext where TLS is set."""
        name = parseaddr(self.mail.default_sender)[1].rpartition("@")[2]
        tls = ssl.create_default_context()
        if self.mail.use_ssl:
            host: SMTP = SMTP_SSL(self.mail.server, self.mail.port, name, timeout=_TIMEOUT, context=tls)
        else:
            host = SMTP(self.mail.server, self.mail.port, name, timeout=_TIMEOUT)
        try:
            if self.mail.use_tls:
                host.starttls(context=tls)
            if self.mail.username:
                host.login(self.mail.username, self.mail.password)
            host.ehlo_or_helo_if_needed()
            if host.sock:
                # The end of a letter does not wait until the server has told that it has the beginning.
                host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (SMTPException, OSError, UnicodeError):
            host.close()
            raise
        return host

    def hand_over(self, letter: Ready) -> None:
        """Hand one letter over.

        Raises Refused or Postponed for this letter, SMTPException or OSError when the connection is of no more use;
        then ``in_doubt`` says whether the letter may have arrived.
        """
        (self._announce_at_once if self.host.has_extn("pipelining") else self._announce)(letter.recipient)
        self._judge(self._transmit(letter.content), letter.recipient, 250)

    def _announce(self, recipient: str) -> None:
        """Say from whom and to whom, one after the other."""
        self._judge_mail(self.host.docmd("MAIL", f"FROM:<{self._sender}>"))
        self._judge(self.host.docmd("RCPT", f"TO:<{recipient}>"), recipient, 250, 251)
        self._judge(self.host.docmd("DATA"), recipient, 354)

    def _announce_at_once(self, recipient: str) -> None:
        """Say from whom and to whom in one go (RFC 2920), which saves two journeys to the server and back."""
        self.host.send(f"MAIL FROM:<{self._sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
        self._judge_mail(self.host.getreply())
        rcpt = self.host.getreply()
        if rcpt[0] in {250, 251}:
            self._judge(self.host.getreply(), recipient, 354)
            return
        # What the server says of the recipient counts, even if it hangs up then. A server that waits for the content
        # all the same is given an empty one, to nobody.
        with suppress(SMTPException, OSError):
            if rcpt[0] not in _NOT_NOW and self.host.getreply()[0] == 354:
                self.host.docmd(".")
        self._judge(rcpt, recipient)

    def _judge_mail(self, answer: tuple[int, bytes]) -> None:
        if answer[0] != 250:
            raise SMTPResponseException(*answer)

    def _transmit(self, content: bytes) -> tuple[int, bytes]:
        self.in_doubt = True
        # A line that begins with a dot gets a second one, which the server takes away.
        content = content.replace(b"\n.", b"\n..") if b"\n." in content else content
        self.host.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        self._wait(_TIMEOUT_AT_THE_END)
        answer = self.host.getreply()
        self._wait(_TIMEOUT)
        self.in_doubt = False
        return answer

    def _wait(self, seconds: int) -> None:
        if self.host.sock:
            self.host.sock.settimeout(seconds)

    def _judge(self, answer: tuple[int, bytes], recipient: str, *wanted: int) -> None:
        """Tell a fault of this letter from one of the server."""
        code, words = answer
        if code in wanted:
            return
        if code in _NOT_NOW or not 400 <= code < 600:
            raise SMTPResponseException(code, words)
        with suppress(SMTPException, OSError):
            self.host.rset()
        is_final = code >= 500 and not _ABOUT_US.match(words)
        raise (Refused if is_final else Postponed)(_reason(code, words, recipient))


class MailServer:
    """Delivers letters over one connection for many, opened when needed and renewed when the server has had enough."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._is_used = False

    def deliver(self, number: int, letter: Ready) -> None:
        """Hand a letter over; raises Undelivered."""
        connection, was_used = self.open(), self._is_used
        try:
            connection.hand_over(letter)
        except Undelivered:
            self._is_used = True
            raise
        except (SMTPException, OSError) as fault:
            self.close()
            if not was_used or connection.in_doubt:
                raise (Postponed if was_used else Broken)(_told(fault), in_doubt=connection.in_doubt) from None
            # The connection was worn out, by a limit of letters or of time. A fresh one decides.
            self.deliver(number, letter)
        self._is_used = True

    def check(self) -> None:
        """Greet the server and say good-bye; raises Down when it cannot be used."""
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
        """Return the connection, a new one where there is none; raises Down when the server cannot be used."""
        if self._connection is None:
            try:
                self._connection = Connection(current_app.extensions["mail"])
            except (SMTPException, OSError, UnicodeError) as fault:
                raise Down(_told(fault)) from None
        return self._connection


class MailFolder:
    """Writes letters as ``.eml`` files, one each, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, number: int, letter: Ready) -> None:
        """Write a letter to its file; raises Down when the disk does not take it."""
        part = self._folder / f"{number}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.write_bytes(letter.content)
            part.replace(part.with_suffix(".eml"))
        except OSError as fault:
            raise Down(_told(fault)) from None

    def open(self) -> None:
        """Do nothing: the folder is made when it is needed."""

    def check(self) -> None:
        """Do nothing: the folder is made when it is needed."""

    def close(self) -> None:
        """Do nothing: each letter is complete."""


Post = MailServer | MailFolder


def post(settings: Settings) -> Post:
    """Return the way out for letters that the settings name; close it after use."""
    current_app.extensions["mail"] = flask_mail.Mail().init_mail(
        {
            "MAIL_SERVER": settings.mail_server,
            "MAIL_PORT": settings.mail_port,
            "MAIL_USERNAME": settings.mail_username,
            "MAIL_PASSWORD": settings.mail_password.get_secret_value(),
            "MAIL_USE_TLS": settings.mail_use_tls,
            "MAIL_USE_SSL": settings.mail_use_ssl,
            "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
            "MAIL_SUPPRESS_SEND": False,
        }
    )
    return MailServer() if settings.mail_server else MailFolder(settings.mail_folder)


def _told(fault: Exception) -> str:
    if isinstance(fault, SMTPResponseException):
        return _reason(fault.smtp_code, fault.smtp_error)
    return _reason(type(fault).__name__, str(fault))


def _reason(code: int | str, words: bytes | str, recipient: str = "") -> str:
    """Return what was said, without words that may be an address or a part of one."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    secret = recipient.partition("@")[0].lower() or "@"
    kept = [
        word if word.isprintable() and "@" not in word and secret not in word.lower() else "…" for word in text.split()
    ]
    return " ".join([str(code), *kept])[:200]
