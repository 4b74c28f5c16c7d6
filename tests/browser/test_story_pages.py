"""The pages around stories are free of faults that axe can find, narrow and wide, in light and dark, full and empty."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from petition.domain import reports, stories, story_care
from petition.models import Call, Role, Story
from tests.browser.test_stories import publish_all
from tests.europeana_stub import FaultyStub, stub
from tests.organisers import COOKIE, join, make_organiser, make_team, open_session
from tests.reporting import file_report
from tests.servers import Running

__all__ = ["stub"]

NOTHING = "Found 0 accessibility violations:\n"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_around_stories(
    live: Running, session: Session, new_page: Callable[..., Page], stub: FaultyStub, dialect: str, scheme: str
) -> None:
    ids = publish_all(session, 12)
    row = session.get_one(Story, ids[0])
    call, team, ann = session.get_one(Call, row.call_id), make_team(session), make_organiser(session)
    join(session, team, ann, Role.OWNER)
    call.campaign.team = team
    story_care.translate(
        session, ann, team, row, revision=1, language="en", text="Everybody reads in every language.", credit="Bob B."
    )
    for story_id in ids[:2]:
        stories.feature(session, ann, call, story_id, is_featured=True)
    report = file_report(session, f"story:{ids[1]}", text="It names where my aunt lives.", name="Chris")
    receipt, case_id = reports.token(report), report.case_id
    call_path, at_organise = "/en/calls/open-culture", f"/organise/calls/{call.id}"
    cookie = {"name": COOKIE, "value": open_session(session, ann), "url": live.url}
    page = new_page(color_scheme=scheme)
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    found: list[str] = []
    for path in (
        f"{call_path}/heroes",
        f"{call_path}/stories",
        f"{call_path}/stories?show=featured",
        f"/en/stories/{ids[0]}",
        "/en/stories",
        f"/en/report?about=story:{ids[1]}",
        f"/en/report/{receipt}",
        "/en/items?q=ada",
        call_path,
        f"{at_organise}/stories/featured",
        f"/organise/teams/{team.id}/reports",
        f"/organise/teams/{team.id}/reports/{case_id}",
    ):
        for width, height in ((390, 844), (1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            answer = page.goto(live.url + path)
            assert answer
            assert answer.status == 200, path
            report_of_axe = Axe().run(page).generate_report()
            found += [f"{path} at {width}: {report_of_axe}"] if report_of_axe != NOTHING else []
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path} is cut off at {width}")
    assert not found, "\n".join(found)
