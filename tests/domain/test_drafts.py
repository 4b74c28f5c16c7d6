"""What organisers write."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import campaigns, comparing, drafts, similar_calls
from petition.errors import EditConflict, NotFound, SlugTaken
from petition.lib import clock
from petition.models import AuditEntry, Call, CallAlias, CallContent, CallKind, Campaign, Organiser, Role, Team, missing
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import join, make_organiser, make_team


@pytest.fixture
def team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture
def ann(session: Session, team: Team) -> Organiser:
    person = make_organiser(session)
    join(session, team, person, Role.EDITOR)
    return person


@pytest.fixture
def bob(session: Session, team: Team) -> Organiser:
    person = make_organiser(session, name="Bob")
    join(session, team, person, Role.EDITOR)
    return person


def start(session: Session, ann: Organiser, team: Team, title: str = "Keep culture open") -> Call:
    campaign = session.scalar(select(Campaign).where(Campaign.team_id == team.id)) or campaigns.start(
        session, ann, team, title="Open", hashtag="#Open", language="en", reserved=set()
    )
    call = drafts.start(
        session, ann, campaign, kind=CallKind.PETITION, titles={"en": title, "fr": ""}, reserved={"embed"}
    )
    session.commit()
    return call


def write(session: Session, call: Call, ask: str, **changes: object) -> CallContent:
    content = drafts.content_at(drafts.newest(session, call))
    content["texts"]["en"]["ask"] = ask
    return {**content, **changes}  # type: ignore[typeddict-item]


def test_a_draft_begins_with_an_address_from_its_title_that_is_free_and_not_reserved(
    session: Session, ann: Organiser, team: Team
) -> None:
    slugs = [start(session, ann, team, title).slug for title in ("Keep it open!", "Keep it open", "Embed", "???")]

    assert slugs == ["keep-it-open", "keep-it-open-2", "embed-2", "petition"]


def test_two_editors_at_once_are_told_who_and_when(
    session: Session, ann: Organiser, bob: Organiser, team: Team, stopped_clock: StoppedClock
) -> None:
    call = start(session, ann, team)
    base = drafts.newest(session, call).number
    drafts.save(session, bob, call, write(session, call, "Bob's ask."), base)
    session.commit()
    stopped_clock.tick(minutes=1)

    with pytest.raises(EditConflict) as conflict:
        drafts.save(session, ann, call, write(session, call, "Ann's ask."), base)

    assert (conflict.value.who, conflict.value.when) == ("Bob", stopped_clock.now - timedelta(minutes=1))
    assert drafts.content_at(conflict.value.theirs)["texts"]["en"]["ask"] == "Bob's ask."


def test_of_two_who_save_in_one_moment_one_is_told_of_the_other(
    session: Session, ann: Organiser, bob: Organiser, team: Team
) -> None:
    call_id, engine = start(session, ann, team).id, session.get_bind()
    at_once, told = Barrier(2), []

    def save(person_id: int, ask: str) -> None:
        with Session(engine) as own:
            call, person = own.get_one(Call, call_id), own.get_one(Organiser, person_id)
            content = write(own, call, ask)
            at_once.wait()
            try:
                drafts.save(own, person, call, content, 1)
                own.commit()
            except EditConflict as conflict:
                told.append(conflict.who)

    threads = [Thread(target=save, args=(person.id, f"{person.name}'s ask.")) for person in (ann, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 1
    session.rollback()
    saved = drafts.newest(session, session.get_one(Call, call_id))
    assert saved.number == 2
    assert drafts.content_at(saved)["texts"]["en"]["ask"] == f"{told[0]}'s ask."


def test_what_another_tab_of_mine_saved_is_kept_beside_what_i_save(
    session: Session, ann: Organiser, team: Team
) -> None:
    call = start(session, ann, team)
    base = drafts.newest(session, call).number
    drafts.save(session, ann, call, write(session, call, "One tab."), base)
    drafts.save(session, ann, call, write(session, call, "Other tab."), base)
    session.commit()

    asks = [drafts.content_at(row)["texts"]["en"]["ask"] for row, _author in drafts.revisions(session, call)]
    assert asks == ["Other tab.", "One tab.", ""]


def test_saves_of_ten_minutes_are_one_revision_and_fifty_are_kept(
    session: Session, ann: Organiser, team: Team, stopped_clock: StoppedClock
) -> None:
    call = start(session, ann, team)
    for number in range(40):
        stopped_clock.tick(seconds=20)
        drafts.save(session, ann, call, write(session, call, f"Ask {number}."), drafts.newest(session, call).number)
    session.commit()
    assert len(drafts.revisions(session, call)) == 3

    for number in range(60):
        stopped_clock.tick(minutes=11)
        drafts.save(session, ann, call, write(session, call, f"Late {number}."), drafts.newest(session, call).number)
    session.commit()

    kept = drafts.revisions(session, call)
    assert len(kept) == drafts.MOST_REVISIONS
    assert drafts.content_at(kept[0][0])["texts"]["en"]["ask"] == "Late 59."
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "edit_call")).all()) < 70


def test_what_changes_nothing_is_not_saved(session: Session, ann: Organiser, team: Team) -> None:
    call = start(session, ann, team)
    before = drafts.newest(session, call)

    assert drafts.save(session, ann, call, drafts.content_at(before), 0).number == before.number


def test_an_address_that_another_call_has_or_had_is_refused(session: Session, ann: Organiser, team: Team) -> None:
    taken = factories.make_call(session)
    session.add(CallAlias(slug="old-address", call_id=taken.id))
    call = start(session, ann, team)
    session.commit()

    for slug in ("open-culture", "old-address"):
        with pytest.raises(SlugTaken):
            drafts.save(session, ann, call, write(session, call, "x", slug=slug), 1)
        session.rollback()
    drafts.save(session, ann, call, write(session, call, "x", slug="new-address"), 1)
    session.commit()
    assert call.slug == "new-address"


def test_a_public_call_keeps_its_address_and_words_until_it_is_published_again(
    session: Session, ann: Organiser, team: Team
) -> None:
    call = factories.make_call(session, version=1)
    call.campaign.team_id = team.id
    session.commit()

    drafts.save(session, ann, call, write(session, call, "Another ask.", slug="another"), 0)
    session.commit()

    assert call.slug == "open-culture"
    assert drafts.newest(session, call).number == 1


def test_an_earlier_revision_comes_back_as_the_newest(
    session: Session, ann: Organiser, bob: Organiser, team: Team
) -> None:
    call = start(session, ann, team)
    first = drafts.newest(session, call)
    drafts.save(session, bob, call, write(session, call, "Worse."), first.number)
    session.commit()

    drafts.restore(session, ann, call, first)
    session.commit()

    assert drafts.content_at(drafts.newest(session, call)) == first.content
    assert len(drafts.revisions(session, call)) == 3


def test_a_revision_of_another_call_is_not_found(session: Session, ann: Organiser, team: Team) -> None:
    one, other = start(session, ann, team), start(session, ann, team)

    with pytest.raises(NotFound):
        drafts.get_revision(session, one, drafts.newest(session, other).id)


def test_a_copy_has_the_words_and_nothing_of_the_history(session: Session, ann: Organiser, team: Team) -> None:
    call = start(session, ann, team)
    content = write(session, call, "Fund it.", opens_at=clock.now().isoformat(), partner_reported=7)
    content["texts"]["en"]["outcome"] = "It was funded."
    drafts.save(session, ann, call, content, 1)

    copy = drafts.copy(session, ann, call, call.campaign, reserved=set())
    session.commit()

    copied = drafts.content_at(drafts.newest(session, copy))
    assert (copied["texts"]["en"]["ask"], copied["texts"]["en"]["outcome"]) == ("Fund it.", "")
    assert (copied["opens_at"], copied["partner_reported"]) == (None, 0)
    assert copied["slug"] == copy.slug != call.slug


def test_what_is_missing_is_told_by_language(session: Session, ann: Organiser, team: Team) -> None:
    content = write(session, start(session, ann, team), "Fund it.", kind="dream")

    assert missing(content) == {
        "en": ["addressees", "body", "story_prompt"],
        "fr": ["title", "addressees", "ask", "body", "share_text", "story_prompt"],
    }


def test_similar_calls_in_the_same_language_are_found(session: Session, ann: Organiser, team: Team) -> None:
    alike = factories.make_call(session)
    factories.make_call(session, slug="hidden-draft", state="draft")
    call = start(session, ann, team, "Keep our culture open")

    found = similar_calls.similar(session, call, drafts.content_at(drafts.newest(session, call)))

    assert [one.call.id for one in found] == [alike.id]


def test_each_difference_of_two_drafts_can_be_chosen(session: Session, ann: Organiser, team: Team) -> None:
    call = start(session, ann, team)
    mine, theirs = write(session, call, "Mine."), write(session, call, "Theirs.", goal=500)
    theirs["texts"]["en"]["addressees"] = [{"name": "The Council", "kind": "institution", "url": ""}]

    keys = [one.key for one in comparing.differences_of(theirs, mine)]
    chosen = comparing.with_fields_of(mine, theirs, [".goal", "en.addressees"])

    assert keys == [".goal", "en.addressees", "en.ask"]
    assert (chosen["goal"], chosen["texts"]["en"]["ask"]) == (500, "Mine.")
    assert chosen["texts"]["en"]["addressees"][0]["name"] == "The Council"


def test_a_campaign_is_never_overwritten_unseen(session: Session, ann: Organiser, bob: Organiser, team: Team) -> None:
    campaign = start(session, ann, team).campaign
    content = campaigns.content(session, campaign)
    campaigns.save(session, bob, campaign, {**content, "accent": "sea"}, 0)
    session.commit()

    with pytest.raises(EditConflict) as conflict:
        campaigns.save(session, ann, campaign, {**content, "accent": "moss"}, 0)

    assert (conflict.value.who, conflict.value.theirs["accent"]) == ("Bob", "sea")
