"""One SMTP connection: time limits, verified TLS, pipelining, and what each reply means for the message."""

import re
import socket
import ssl
from contextlib import suppress
from email.utils import parseaddr
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException

import flask_mail

from petition.config import Settings
from petition.mail.errors import PermanentFailure, PolicyFailure, TransientFailure, redact

# Seconds. A greeting may be delayed on purpose. A client that hangs up while the server still checks the content cannot
# know whether the message arrived, and sends it twice. RFC 5321 §4.5.3.2 would wait for 5 and 10 minutes.
_GREETING_TIMEOUT = 60
_TIMEOUT = 10
_DATA_TIMEOUT = 90
# The longest that one message takes over an open connection: three replies, the content, and the answer to it.
MESSAGE_SECONDS = 4 * _TIMEOUT + _DATA_TIMEOUT

# The server closes (421) or wants a login first (RFC 4954 §6): nothing against the message.
_SESSION_ERRORS = {421, 530, 534, 535, 538}
# "Too much today" and "not allowed" (RFC 3463 §3.5, §3.8) speak of us or of the content, not of the recipient.
_QUOTA, _POLICY = re.compile(rb"5\.4\.5\b"), re.compile(rb"5\.7\.")


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
    """Flask-Mail's connection, open from the start, with verified TLS and time limits.

    These are 60 s for the greeting, 90 s for the answer to a content and 10 s for each other reply.

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
            host: SMTP = SMTP_SSL(self.mail.server, self.mail.port, name, timeout=_GREETING_TIMEOUT, context=tls)
        else:
            host = SMTP(self.mail.server, self.mail.port, name, timeout=_GREETING_TIMEOUT)
        try:
            _set_timeout(host, _TIMEOUT)
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

    def deliver(self, recipient: str, content: bytes, envelope_id: str) -> None:
        """Hand over one message with CRLF line ends; a server that can is asked to report without its text (RFC 3461).

        Raises PermanentFailure or TransientFailure for this message, after which the connection is as good as before;
        SMTPException or OSError when it is of no more use.
        """
        mail, rcpt = f"FROM:<{self._sender}>", f"TO:<{recipient}>"
        if self.host.has_extn("dsn"):
            mail, rcpt = f"{mail} RET=HDRS ENVID={envelope_id}", f"{rcpt} NOTIFY=FAILURE"
        is_quick = self.host.has_extn("pipelining")
        (self._send_envelope_pipelined if is_quick else self._send_envelope)(mail, rcpt, recipient)
        self._check_reply(self._send_content(content), recipient, 250)

    def _send_envelope(self, mail: str, rcpt: str, recipient: str) -> None:
        """Send MAIL, RCPT and DATA, one after the other."""
        self._check_mail_reply(self.host.docmd("MAIL", mail))
        self._check_reply(self.host.docmd("RCPT", rcpt), recipient, 250, 251)
        self._check_reply(self.host.docmd("DATA"), recipient, 354)

    def _send_envelope_pipelined(self, mail: str, rcpt: str, recipient: str) -> None:
        """Send MAIL, RCPT and DATA in one go (RFC 2920), which saves two journeys to the server and back."""
        self.host.send(f"MAIL {mail}\r\nRCPT {rcpt}\r\nDATA\r\n")
        self._check_mail_reply(self.host.getreply())
        answer = self.host.getreply()
        if answer[0] in {250, 251}:
            self._check_reply(self.host.getreply(), recipient, 354)
            return
        # What the server says of the recipient counts, even if it hangs up then. A server that waits for the content
        # all the same is given an empty one, to nobody (RFC 2920 §3.1).
        with suppress(SMTPException, OSError):
            if answer[0] not in _SESSION_ERRORS and self.host.getreply()[0] == 354:
                self.host.docmd(".")
        self._check_reply(answer, recipient)

    def _check_mail_reply(self, reply: tuple[int, bytes]) -> None:
        if reply[0] != 250:
            raise SMTPResponseException(*reply)

    def _send_content(self, content: bytes) -> tuple[int, bytes]:
        self.maybe_delivered = True
        # A line that begins with a dot gets a second one, which the server takes away (RFC 5321 §4.5.2).
        content = content.replace(b"\n.", b"\n..") if b"\n." in content else content
        self.host.send(content.removesuffix(b"\r\n") + b"\r\n.\r\n")
        _set_timeout(self.host, _DATA_TIMEOUT)
        reply = self.host.getreply()
        _set_timeout(self.host, _TIMEOUT)
        self.maybe_delivered = False
        return reply

    def _check_reply(self, reply: tuple[int, bytes], recipient: str, *expected: int) -> None:
        """Return for an expected code; else tell a fault of this message (RFC 5321 §4.2.1) from one of the session."""
        code, text = reply
        if code in expected:
            return
        if code in _SESSION_ERRORS or not 400 <= code < 600:
            raise SMTPResponseException(code, text)
        with suppress(SMTPException, OSError):
            self.host.rset()
        if code < 500 or _QUOTA.match(text):
            raise TransientFailure(redact(code, text, recipient))
        raise (PolicyFailure if _POLICY.match(text) else PermanentFailure)(redact(code, text, recipient))


def _set_timeout(host: SMTP, seconds: int) -> None:
    if host.sock:
        host.sock.settimeout(seconds)
