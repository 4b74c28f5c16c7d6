"""The connection to the mail server: encrypted as set, or not at all."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from petition.mail.errors import redact
from tests.factories import SUZIE, make_call, sign, the_letter
from tests.mail.mailservers import EncryptedServer, careless_server, certificate, running, send_to
from tests.servers import MailServer

ONE_DATABASE = pytest.mark.parametrize("dialect", ["sqlite"])
TLS = pytest.mark.parametrize("at_once", [False, True], ids=["STARTTLS", "TLS"])


def encrypted(at_once: bool) -> dict[str, bool]:
    return {"mail_use_ssl": at_once, "mail_use_tls": not at_once}


@ONE_DATABASE
@TLS
def test_letters_are_encrypted_to_a_server_with_a_valid_certificate(
    app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    sign(session, make_call(session))
    path, context = certificate(tmp_path, "IP:127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))

    with running(EncryptedServer(context, at_once=at_once)) as server:
        done = send_to(app, server, **encrypted(at_once))

    assert done.counts == {"sent": 1}


@ONE_DATABASE
@TLS
def test_a_server_whose_certificate_nobody_vouches_for_gets_no_letter(
    app: Flask, session: Session, tmp_path: Path, at_once: bool
) -> None:
    sign(session, make_call(session))
    _, context = certificate(tmp_path, "IP:127.0.0.1")

    with running(EncryptedServer(context, at_once=at_once)) as server:
        done = send_to(app, server, **encrypted(at_once))

    assert (done.counts, server.asked) == ({"released": 1}, [])
    assert "self-signed certificate" in done.fault


@ONE_DATABASE
@TLS
def test_a_server_with_the_certificate_of_another_gets_no_letter(
    app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    sign(session, make_call(session))
    path, context = certificate(tmp_path, "DNS:mail.example.org")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))

    with running(EncryptedServer(context, at_once=at_once)) as server:
        done = send_to(app, server, **encrypted(at_once))

    assert (done.counts, server.asked) == ({"released": 1}, [])
    assert "certificate is not valid for" in done.fault


@ONE_DATABASE
@pytest.mark.parametrize("setting", ["mail_use_tls", "mail_use_ssl"])
def test_a_server_that_cannot_encrypt_gets_no_letter_in_plain_text(
    app: Flask, session: Session, smtp: MailServer, setting: str
) -> None:
    sign(session, make_call(session))

    done = send_to(app, smtp, **{setting: True})

    assert (done.counts, smtp.messages) == ({"released": 1}, [])


@ONE_DATABASE
def test_a_server_that_does_not_know_the_password_gets_no_letter(
    app: Flask, session: Session, smtp: MailServer
) -> None:
    sign(session, make_call(session))

    done = send_to(app, smtp, mail_username="somebody")

    assert (done.counts, smtp.messages) == ({"released": 1}, [])


@ONE_DATABASE
@pytest.mark.parametrize("others", [[], ["PIPELINING"]], ids=["in-turn", "pipelined"])
def test_no_report_of_non_delivery_holds_a_link_where_the_server_can_do_without(
    app: Flask, session: Session, others: list[str]
) -> None:
    sign(session, make_call(session))

    with careless_server("DSN", *others) as (port, told):
        done = send_to(app, port)

    letter = the_letter(session)
    number = f"{letter.id}.{int(letter.created_at.timestamp())}"
    assert done.counts == {"sent": 1}
    assert told[1:3] == [
        f"MAIL FROM:<petition@petition.example> RET=HDRS ENVID={number}".encode(),
        f"RCPT TO:<{SUZIE.email}> NOTIFY=FAILURE".encode(),
    ]


@ONE_DATABASE
def test_a_server_that_knows_no_reports_is_not_asked_for_them(app: Flask, session: Session) -> None:
    sign(session, make_call(session))

    with careless_server() as (port, told):
        send_to(app, port)

    assert told[1:3] == [b"MAIL FROM:<petition@petition.example>", f"RCPT TO:<{SUZIE.email}>".encode()]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (b"5.1.1 <suzie@example.org>: unknown", "550 5.1.1 … unknown"),
        (b"5.1.1 User Suzie.Q is unknown", "550 5.1.1 User … is unknown"),
        (b"5.1.1 bell \x07 and nul \x00\nnext line", "550 5.1.1 bell … and nul … next line"),
        (b"x" * 300, "550 " + "x" * 196),
    ],
)
def test_what_a_server_says_is_kept_without_the_address(said: bytes, kept: str) -> None:
    assert redact(550, said, SUZIE.email) == kept
