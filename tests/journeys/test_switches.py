"""Switches reach the processes of pages and workers that run already."""

import time
import urllib.request
from collections.abc import Callable

from sqlalchemy.orm import Session

from petition.domain import settings
from petition.domain.settings import Change
from tests.factories import make_call, sign
from tests.servers import MailServer, Running

SECONDS = 5


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_pages_and_workers_follow_within_five_seconds(live: Running, session: Session, smtp: MailServer) -> None:
    call = make_call(session)

    def page() -> str:
        with urllib.request.urlopen(f"{live.url}/en/calls/{call.slug}") as answer:
            return str(answer.read().decode())

    def switch(*changes: Change) -> None:
        settings.change(session, None, changes)
        session.commit()

    assert "Signing is paused" not in page()
    switch(Change("pause_signing", "", "on"), Change("pause_letters", "", "on"), Change("slow_counters", "", "on"))
    assert within(SECONDS, lambda: "Signing is paused" in page())
    time.sleep(2.5)
    sign(session, call)
    time.sleep(3)
    assert smtp.messages == []

    switch(Change("pause_signing", "on", ""), Change("pause_letters", "on", ""), Change("banner_en", "", "Back again"))

    assert within(SECONDS, lambda: "Back again" in (words := page()) and "Signing is paused" not in words)
    assert within(SECONDS, lambda: len(smtp.messages) == 1)
