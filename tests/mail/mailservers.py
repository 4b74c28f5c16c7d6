"""Mail servers that refuse, close, hang up or speak TLS, and what a worker makes of them."""

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedRWPair
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from petition import db
from petition.jobs import letters
from tests.servers import MailServer, free_port


class PickyServer(MailServer):
    """A mail server with its own opinion at each step; an answer of None means yes."""

    can_pipeline = False

    def __init__(self, **answers: Callable[[str], str | None]) -> None:
        super().__init__()
        self.answers = answers
        self.asked: list[str] = []
        self.connections, self.most_connections = 0, 1_000

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        if self.connections > self.most_connections:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return ["250-PIPELINING", *responses] if self.can_pipeline else responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self._answer("mail", address)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answer("rcpt", address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._answer("data", envelope.rcpt_tos[0])
        if answer == "hang up":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return await super().handle_DATA(server, session, envelope) if answer.startswith("250") else answer

    def _answer(self, step: str, address: str) -> str:
        if step == "rcpt":
            self.asked.append(address)
        opinion = self.answers.get(step)
        return (opinion(address) if opinion else None) or "250 OK"

    @property
    def readers(self) -> list[str]:
        """Who got letters, in order."""
        return [recipients[0] for _, recipients, _ in self.messages]


@contextmanager
def running(server: PickyServer) -> Iterator[PickyServer]:
    """Run a mail server until the end of the block."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


def send_to(app: Flask, server: MailServer | int | None, limit: int = 100, **changes: Any) -> letters.BatchResult:
    """Send the letters that are due to a server, to a port, or to one where none listens."""
    port = server.port if isinstance(server, MailServer) else server or free_port()
    settings = app.config["PETITION"].model_copy(update={"mail_server": "127.0.0.1", "mail_port": port} | changes)
    with app.app_context():
        return letters.send(db.session, settings, limit)


@contextmanager
def careless_server(*features: str, pause: float = 0.0) -> Iterator[tuple[int, list[bytes]]]:
    """Run a mail server that refuses each second recipient and asks for the letter all the same.

    It greets and looks at a letter for ``pause`` seconds. Gives its port, and what it was told on its one connection.
    """
    told: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            answer = partial(_answer, stream)
            time.sleep(pause)
            answer("220 careless")
            for line in stream:
                told.append(line.rstrip())
                recipients = sum(each.startswith(b"RCPT") for each in told)
                match line[:4].upper():
                    case b"EHLO":
                        answer("250-careless", *(f"250-{feature}" for feature in features), "250 HELP")
                    case b"RCPT" if recipients % 2 == 0:
                        answer("550 5.1.1 unknown")
                    case b"DATA":
                        answer("354 go ahead")
                        content = list(iter(stream.readline, b".\r\n"))
                        told.append(b"%d lines" % len(content))
                        time.sleep(pause)
                        answer("250 OK" if recipients % 2 else "554 5.5.1 no valid recipients")
                    case _:
                        answer("250 OK")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], told
        thread.join(timeout=10)
    assert not thread.is_alive()


def _answer(stream: BufferedRWPair, *lines: str) -> None:
    stream.write("".join(f"{line}\r\n" for line in lines).encode())
    stream.flush()


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Return a self-signed certificate for a host name or address, and the server's side of TLS with it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NO OPENSSL ON THIS MACHINE: nothing was tested about certificates. Install openssl and run again.")
    paths = {"-keyout": folder / "key.pem", "-out": folder / "certificate.pem"}
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={name}"),
            *(part for option, path in paths.items() for part in (option, str(path))),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths["-out"], paths["-keyout"])
    return paths["-out"], context


class EncryptedServer(PickyServer):
    """A mail server that speaks TLS from the first byte, or after STARTTLS."""

    def __init__(self, context: ssl.SSLContext, *, at_once: bool) -> None:
        super().__init__()
        if at_once:
            self.ssl_context = context
        else:
            self.SMTP_kwargs["tls_context"] = context

    def _trigger_server(self) -> None:
        if self.ssl_context is None:
            super()._trigger_server()
            return
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), timeout=5) as plain,
            trusting.wrap_socket(plain) as encrypted,
        ):
            encrypted.recv(100)
