"""Letters without a mail server: files in a folder."""

from flask import Flask
from sqlalchemy.orm import Session

from petition import db
from petition.jobs import letters as jobs
from tests.factories import make_call, sign, the_letter


def test_without_a_mail_server_letters_become_files(app: Flask, session: Session) -> None:
    sign(session, make_call(session))
    letter = the_letter(session)

    with app.app_context():
        jobs.send(db.session, app.config["PETITION"])

    folder = app.config["PETITION"].mail_folder
    assert [path.name for path in folder.iterdir()] == [f"{letter.id}.eml"]
    content = (folder / f"{letter.id}.eml").read_bytes()
    assert b"Subject: Confirm your signature: Keep culture open\r\n" in content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(map(len, content.splitlines())) < 998
    assert the_letter(session).recipient is None
    assert folder.stat().st_mode & 0o77 == 0


def test_letters_wait_when_the_folder_cannot_be_written(app: Flask, session: Session) -> None:
    sign(session, make_call(session))
    app.config["PETITION"].mail_folder.write_text("a file where the folder should be")

    with app.app_context():
        done = jobs.send(db.session, app.config["PETITION"])

    assert done.counts == {"released": 1}
    assert "FileExistsError" in done.fault
