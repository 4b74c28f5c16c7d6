"""What was withdrawn is gone from every page, feed, JSON and share card, in every process, within two seconds."""

import time
from contextlib import ExitStack

from sqlalchemy.orm import Session

from petition.domain import supporters
from petition.models import CallKind, Signature, Story
from tests.factories import make_call
from tests.servers import Running, fetch, second
from tests.stories import publish

WITHIN = 2.0


def test_a_withdrawn_story_is_gone_within_two_seconds_in_two_processes(live: Running, session: Session) -> None:
    shown = publish(
        session, make_call(session, kind=CallKind.HERO), text="Soon gone.", details={"hero": "Maria Merian"}
    )
    page, wall = f"/en/stories/{shown.story_id}", "/en/calls/open-culture/stories"
    paths = [page, f"{page}/card.png", wall, f"{wall}?hero=mariamerian", f"{wall}.atom"]
    paths += ["/en/calls/open-culture/heroes", "/api/v1/calls/open-culture/stories"]
    with ExitStack() as stack:
        urls = [site.url + path for site in (live, stack.enter_context(second(live))) for path in paths]
        for url in urls:
            status, body = fetch(url)
            assert status == 200
            assert b"Soon gone." in body or b"Maria Merian" in body or url.endswith(".png")

        supporters.withdraw(session, session.get_one(Signature, session.get_one(Story, shown.story_id).signature_id))
        session.commit()
        gone_by = time.monotonic() + WITHIN
        # Readers keep asking, so that every cache has something to be refreshed.
        while time.monotonic() < gone_by:
            for url in urls:
                fetch(url)

        for url in urls:
            status, body = fetch(url)
            assert b"Soon gone." not in body, url
            assert b"Maria Merian" not in body, url
            assert status == (404 if page in url else 200), url
