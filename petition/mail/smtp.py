"""One SMTP connection: time limits, verified TLS, pipelining, and what each reply means for the message."""

import re
import socket
import ssl
from contextlib import suppress
from email.utils import parseaddr
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException

import flask_mail

from petition.config import Settings
from petition.mail.errors import PermanentFailure, TransientFailure, redact

# Seconds. A client that hangs up while the server still checks the content cannot know whether the message arrived, and
# sends it twice; so the last reply is waited for longer.
_TIMEOUT = 10
_DATA_TIMEOUT = 30

# The server closes (421) or wants a login first (RFC 4954 §6): nothing against the message.
_SESSION_ERRORS = {421, 530, 534, 535, 538}
# "Not allowed" (X.7.Z) and "too much today" (X.4.5, RFC 3463 §3) speak of this server's standing, not of the recipient:
# an operator can mend that.
_SENDER_POLICY = re.compile(rb"5\.7\.|5\.4\.5\b")


def mail_state(settings: Settings) -> flask_mail.Mail:
    """Return Flask-Mail's state for these settings; it belongs to the caller and is not registered with an app."""
    mail = flask_mail.Mail()
    mail.state = mail.init_mail(
        {
            "MAIL_SERVER": settings.mail_server,
            "MAIL_PORT": settings.mail_port,
            "MAIL_USERNAME": settings.mail_username,
            "MAIL_PASSWORD": settings.mail_password.get_secret_value(),
            "MAIL_USE_TLS": settings.mail_use_tls,
            "MAIL_USE_SSL": settings.mail_use_ssl,
            "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        }
    )
    return mail


class Connection(flask_mail.Connection):
    """Flask-Mail's connection, open from the start, with time limits (10 s a reply, 30 s after DATA) and verified TLS.

    ``maybe_delivered`` is true from the first byte of a content until the server's reply to all of it.
    """

    host: SMTP

    def __init__(self, mail: flask_mail.Mail) -> None:
        super().__init__(mail)
        self.maybe_delivered = False
        self._sender = parseaddr(flask_mail.sanitize_address(mail.default_sender or ""))[1]
        self.host = self.configure_host()

    def configure_host(self) -> SMTP:
        """Return a greeted host, encrypted and logged in as set; never plaintext where TLS is set.

        Raises SMTPException, OSError (also for a certificate) or UnicodeError when that does not succeed.
        """
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
                # The end of a message does not wait until the server has acknowledged its beginning.
                host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (SMTPException, OSError, UnicodeError):
            host.close()
            raise
        return host

    def deliver(self, recipient: str, content: bytes) -> None:
        """Hand over one message with CRLF line ends.

        Raises PermanentFailure or TransientFailure for this message, after which the connection is as good as before;
        SMTPException or OSError when it is of no more use.
        """
        (self._send_envelope_pipelined if self.host.has_extn("pipelining") else self._send_envelope)(recipient)
        self._check_reply(self._send_content(content), recipient, 250)

    def _send_envelope(self, recipient: str) -> None:
        """Send MAIL, RCPT and DATA, one after the other."""
        self._check_mail_reply(self.host.docmd("MAIL", f"FROM:<{self._sender}>"))
        self._check_reply(self.host.docmd("RCPT", f"TO:<{recipient}>"), recipient, 250, 251)
        self._check_reply(self.host.docmd("DATA"), recipient, 354)

    def _send_envelope_pipelined(self, recipient: str) -> None:
        """Send MAIL, RCPT and DATA in one go (RFC 2920), which saves two journeys to the server and back."""
        self.host.send(f"MAIL FROM:<{self._sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
        self._check_mail_reply(self.host.getreply())
        rcpt = self.host.getreply()
        if rcpt[0] in {250, 251}:
            self._check_reply(self.host.getreply(), recipient, 354)
            return
        # What the server says of the recipient counts, even if it hangs up then. A server that waits for the content
        # all the same is given an empty one, to nobody (RFC 2920 §3.1).
        with suppress(SMTPException, OSError):
            if rcpt[0] not in _SESSION_ERRORS and self.host.getreply()[0] == 354:
                self.host.docmd(".")
        self._check_reply(rcpt, recipient)

    def _check_mail_reply(self, reply: tuple[int, bytes]) -> None:
        if reply[0] != 250:
            raise SMTPResponseException(*reply)

    def _send_content(self, content: bytes) -> tuple[int, bytes]:
        self.maybe_delivered = True
        # A line that begins with a dot gets a second one, which the server takes away (RFC 5321 §4.5.2).
        content = content.replace(b"\n.", b"\n..") if b"\n." in content else content
        self.host.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        self._set_timeout(_DATA_TIMEOUT)
        reply = self.host.getreply()
        self._set_timeout(_TIMEOUT)
        self.maybe_delivered = False
        return reply

    def _set_timeout(self, seconds: int) -> None:
        if self.host.sock:
            self.host.sock.settimeout(seconds)

    def _check_reply(self, reply: tuple[int, bytes], recipient: str, *expected: int) -> None:
        """Return for an expected code; else tell a fault of this message (RFC 5321 §4.2.1) from one of the session."""
        code, text = reply
        if code in expected:
            return
        if code in _SESSION_ERRORS or not 400 <= code < 600:
            raise SMTPResponseException(code, text)
        with suppress(SMTPException, OSError):
            self.host.rset()
        is_permanent = code >= 500 and not _SENDER_POLICY.match(text)
        raise (PermanentFailure if is_permanent else TransientFailure)(redact(code, text, recipient))
