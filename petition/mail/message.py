"""A text and an HTML version as one message of plain ASCII."""

import re
import secrets
from binascii import b2a_qp
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import formataddr, formatdate, parseaddr

import flask_mail

# Headers are folded below.
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None)
# What re-serialises a message folds longer lines anew (RFC 5322 §2.1.1 names 78), which breaks its DKIM signature.
_LINE = 76
_SUBJECT = 120

# No title can hold it by chance or on purpose.
_MARK = secrets.token_hex(8)
PLACEHOLDER = re.compile(rf"{_MARK}-([\w-]+?)-{_MARK}".encode())


def placeholder(name: str) -> str:
    """Return what stands in a message for a value that each reader has their own of."""
    return f"{_MARK}-{name}-{_MARK}"


class Message(flask_mail.Message):
    """Flask-Mail's message with a text, alternatives and one or more recipients; no attachments, no copies.

    Not every server on the way takes eight bits, and one that recodes a message breaks its DKIM signature; so all parts
    are quoted-printable.
    """

    def as_bytes(self) -> bytes:
        """Return what goes over the wire: ASCII with CRLF line ends, no line longer than 998 octets (RFC 5322 §2.1.1).

        Built from the attributes in a third of the time that Flask-Mail takes, which has each header parsed again.
        """
        message = MIMEMultipart("alternative", policy=_POLICY)
        # Such a line never stands in a quoted-printable text.
        message.set_boundary("=_0")
        message["Subject"] = _fold("Subject", self.subject)
        message["From"] = _fold_sender(str(self.sender))
        message["To"] = ", ".join(flask_mail.sanitize_addresses(self.recipients))
        message["Date"] = formatdate(self.date, localtime=True)
        message["Message-ID"] = self.msgId
        for name, value in (self.extra_headers or {}).items():
            message[name] = value
        for subtype, text in {"plain": self.body or "", **self.alts}.items():
            part = MIMENonMultipart("text", subtype, policy=_POLICY, charset="utf-8")
            part["Content-Transfer-Encoding"] = "quoted-printable"
            part.set_payload(quoted_printable(text.encode()))
            message.attach(part)
        return message.as_bytes()


def subject_line(text: str) -> str:
    """Return the text in one line of at most 120 characters, cut at a word and with an ellipsis where it is longer."""
    line = " ".join(text.split())
    if len(line) <= _SUBJECT:
        return line
    words = line[:_SUBJECT].rpartition(" ")[0]
    # Not all scripts have spaces.
    return (words if len(words) > _SUBJECT / 2 else line[: _SUBJECT - 1]).rstrip(" ,;:.-–—") + "…"


def _fold(name: str, text: str) -> str:
    """Return the value of a header in lines of at most 76 characters: as it is, or in encoded words (RFC 2047).

    Plain text is encoded where it could not be folded, or would be read as encoded.
    """
    is_plain = text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) < _LINE - len(name)
    return Header(text, "us-ascii" if is_plain else "utf-8", header_name=name, maxlinelen=_LINE).encode()


def _fold_sender(sender: str) -> str:
    """Return the value of From; a name in ASCII stays plain, because an encoded word there looks like spam."""
    name, address = parseaddr(sender)[0], parseaddr(flask_mail.sanitize_address(sender))[1]
    value = formataddr((name, address)) if name.isascii() else f"{_fold('From', name)} <{address}>"
    is_long = len(f"From: {value}".splitlines()[-1]) > _LINE
    return "\n <".join(value.rsplit(" <", 1)) if is_long else value


def quoted_printable(content: bytes) -> str:
    """Return it quoted-printable (RFC 2045 §6.7); each placeholder gets a line of its own.

    So the value that replaces it is never broken and the line around it never longer than 76 characters.
    """
    pieces = PLACEHOLDER.split(content)
    texts, names, lines = pieces[::2], pieces[1::2], bytearray()
    for text, name, after in zip(texts, names, texts[1:], strict=False):
        # The tilde keeps room for the equals sign, which here means that the line goes on.
        lines += b2a_qp(text + b"~")[:-1] + b"=\n" * bool(text) + placeholder(name.decode()).encode()
        lines += b"=\n" * (after[:1] not in {b"", b"\n"})
    return (bytes(lines) + b2a_qp(texts[-1])).decode()
