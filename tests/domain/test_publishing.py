"""Words reach the public as versions, and change there only in the open."""

import ast
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import calls, confirming, history, pausing, previews, publishing, retention, reviewing, signing
from petition.errors import CallPaused, Conflict, Gone, StaleRevision, WordsChanged, WrongPhase
from petition.models import (
    Call,
    CallEvent,
    CallEventKind,
    CallKind,
    CallRevision,
    CallState,
    CallText,
    CallVersion,
    Organiser,
    RemovalReason,
    Role,
    content_of,
    text_content,
)
from tests import factories
from tests.conftest import StoppedClock
from tests.factories import make_call, sign
from tests.organisers import join, make_organiser, make_team

PETITION = Path(__file__).parents[2] / "petition"


def draft(session: Session, call: Call, person: Organiser | None = None, **changes: Any) -> int:
    """Save a revision; ``title`` and such change the English words, all else the call. Returns its number."""
    newest = publishing.newest_revision(session, call)
    texts = list(session.scalars(select(CallText).where(CallText.call_id == call.id)))
    content: Any = deepcopy(newest.content) if newest else content_of(call, texts)
    for name, value in changes.items():
        (content if name in content else content["texts"]["en"])[name] = value
    number = newest.number + 1 if newest else 1
    by = person.id if person else None
    session.add(CallRevision(call_id=call.id, number=number, content=content, saved_by=by, saved_at=call.opens_at))
    session.commit()
    return number


@pytest.fixture
def call(session: Session, stopped_clock: StoppedClock) -> Call:
    call = make_call(session)
    call.campaign.team = make_team(session)
    session.commit()
    return call


@pytest.fixture
def ann(session: Session, call: Call) -> Organiser:
    ann = make_organiser(session)
    assert call.campaign.team
    join(session, call.campaign.team, ann)
    return ann


def test_a_typo_is_corrected_in_the_open(session: Session, call: Call, ann: Organiser) -> None:
    publishing.publish(
        session, ann, call, revision=draft(session, call, body="Because it is **ours**."), note="A typo."
    )
    session.commit()

    assert (call.version, calls.text_of(session, call, "en").body) == (2, "Because it is **ours**.")
    (step, *_rest) = [step for step in history.steps(session, call) if step.change]
    assert step.change
    assert (step.change.number, step.change.note, step.change.is_correction) == (2, "A typo.", False)
    assert [change.name for change in step.change.texts["en"] or []] == ["body"]


@pytest.mark.parametrize("change", [{"title": "Another"}, {"ask": "Close it."}, {"addressees": []}])
def test_the_ask_changes_only_as_a_correction_with_a_note(
    session: Session, call: Call, ann: Organiser, change: dict[str, Any]
) -> None:
    number = draft(session, call, **change)
    with pytest.raises((publishing.AskChanged, publishing.Incomplete)):
        publishing.publish(session, ann, call, revision=number)
    session.rollback()

    assert call.version == 1
    if change != {"addressees": []}:
        publishing.publish(session, ann, call, revision=number, note="We had it wrong.")
        assert session.get_one(CallVersion, (call.id, 2)).is_correction


def test_an_older_revision_and_the_same_one_twice_are_refused(session: Session, call: Call, ann: Organiser) -> None:
    first = draft(session, call, body="One.")
    second = draft(session, call, body="Two.")
    with pytest.raises(StaleRevision):
        publishing.publish(session, ann, call, revision=first)
    publishing.publish(session, ann, call, revision=second)
    session.commit()

    newest = publishing.newest_revision(session, call)
    assert newest
    with pytest.raises(publishing.NothingNew):
        publishing.publish(session, ann, call, revision=newest.number)


def test_what_a_call_is_stays_after_the_opening(session: Session, call: Call, ann: Organiser) -> None:
    with pytest.raises(publishing.KindFixed):
        publishing.publish(session, ann, call, revision=draft(session, call, kind=CallKind.DREAM.value))


def test_an_earlier_address_leads_to_the_new_one_and_nobody_else_gets_it(
    session: Session, call: Call, ann: Organiser
) -> None:
    publishing.publish(session, ann, call, revision=draft(session, call, slug="new-name"))
    session.commit()
    other = make_call(session, slug="other")

    with pytest.raises(calls.Moved) as moved:
        calls.get_call(session, "open-culture")
    assert moved.value.slug == "new-name"
    with pytest.raises(publishing.AddressTaken):
        publishing.publish(session, None, other, revision=draft(session, other, slug="open-culture"))
    session.rollback()
    publishing.publish(session, ann, call, revision=draft(session, call, slug="open-culture"))
    session.commit()
    assert calls.get_call(session, "open-culture").id == call.id


def test_nobody_approves_their_own_and_an_edit_undoes_it(session: Session, call: Call, ann: Organiser) -> None:
    bob, team = make_organiser(session, "Bob"), call.campaign.team
    assert team
    join(session, team, bob, Role.EDITOR)
    team.needs_review, call.state, call.version = True, CallState.DRAFT, 0
    number = draft(session, call, ann, body="One.")
    reviewing.submit(session, ann, call, revision=number)

    for person in (ann,):
        with pytest.raises(reviewing.OwnSubmission):
            reviewing.approve(session, person, call, revision=number)
    with pytest.raises(publishing.NotApproved):
        publishing.publish(session, ann, call, revision=number)
    reviewing.approve(session, bob, call, revision=number)
    later = draft(session, call, ann, body="Two.")
    with pytest.raises(StaleRevision):
        publishing.publish(session, ann, call, revision=number)
    with pytest.raises(publishing.NotApproved):
        publishing.publish(session, ann, call, revision=later)
    with pytest.raises(StaleRevision):
        reviewing.approve(session, bob, call, revision=number)


def test_times_change_in_the_open_and_never_to_nonsense(
    session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    now, day = stopped_clock.now, timedelta(days=1)
    for opens_at, closes_at in ((now + day, None), (call.opens_at, now - day), (call.opens_at, call.opens_at - day)):
        with pytest.raises(publishing.WrongTimes):
            publishing.change_times(session, ann, call, opens_at=opens_at, closes_at=closes_at)
        session.rollback()
    publishing.change_times(session, ann, call, opens_at=call.opens_at, closes_at=now)
    session.commit()

    assert (call.is_open, call.is_closed, call.changed_at) == (False, True, now)
    event = session.scalars(select(CallEvent)).one()
    assert (event.kind, event.old, event.new) == (CallEventKind.CLOSING, "", now.isoformat())


def test_time_stands_still_while_a_call_is_paused(
    session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    signature = sign(session, call)
    stopped_clock.tick(days=6)
    pausing.pause(session, ann, call, notice={"en": "We check something."})
    session.commit()
    with pytest.raises(WrongPhase):
        pausing.pause(session, ann, call, notice={})
    assert isinstance(signing.sign(session, [factories.SUZIE])[0], CallPaused)
    stopped_clock.tick(days=10)
    assert retention.delete_unconfirmed(session, before=stopped_clock.now - timedelta(days=7), limit=9) == 0
    pausing.resume(session, ann, call)
    session.commit()
    session.refresh(signature)

    assert signature.requested_at == stopped_clock.now - timedelta(days=6)
    assert retention.delete_unconfirmed(session, before=stopped_clock.now - timedelta(days=7), limit=9) == 0
    assert confirming.confirm(session, [factories.button(signature)]) == [None]


def test_confirmations_count_during_a_pause_and_the_grace_waits_for_its_end(
    session: Session, call: Call, ann: Organiser, stopped_clock: StoppedClock
) -> None:
    call.closes_at = stopped_clock.now + timedelta(hours=1)
    session.commit()
    pausing.pause(session, ann, call, notice={"en": "Why"})
    session.commit()
    stopped_clock.tick(hours=49)
    assert (call.is_open, call.takes_confirmations) == (False, True)
    assert session.scalar(select(Call.takes_confirmations)) is True
    pausing.resume(session, ann, call)
    session.commit()

    for hours, expected in ((0, True), (23, True), (2, False)):
        stopped_clock.tick(hours=hours)
        assert call.takes_confirmations is session.scalar(select(Call.takes_confirmations)) is expected


def test_once_taken_down_nothing_is_confirmed(session: Session, call: Call, ann: Organiser) -> None:
    signature = sign(session, call)
    pausing.take_down(session, ann, call, reason=RemovalReason.LAW)
    session.commit()

    assert isinstance(confirming.confirm(session, [factories.button(signature)])[0], Gone)
    with pytest.raises(calls.TakenDown):
        calls.get_call(session, call.slug)
    with pytest.raises(WrongPhase):
        pausing.resume(session, ann, call)


def test_a_signature_keeps_the_version_that_its_confirmation_showed(
    session: Session, call: Call, ann: Organiser
) -> None:
    first, second = (sign(session, call, email=f"{name}@example.org") for name in "ab")
    button = factories.button(second)
    assert confirming.confirm(session, [factories.button(first)]) == [None]
    publishing.publish(session, ann, call, revision=draft(session, call, body="Other reasons."))
    session.commit()

    assert isinstance(confirming.confirm(session, [button])[0], WordsChanged)
    assert confirming.confirm(session, [factories.button(second)]) == [None]
    session.commit()
    assert [one.call_version for one in factories.signatures(session)] == [1, 2]


def test_a_preview_shows_the_draft_until_it_is_taken_back_and_writes_nothing(
    session: Session, call: Call, ann: Organiser
) -> None:
    draft(session, call, title="Not yet")
    link = previews.create(session, ann, call)
    session.commit()
    token = previews.token(link)

    shown = previews.draft_of(session, previews.get_call(session, token))
    assert shown.texts["en"].title == "Not yet"
    session.commit()
    assert calls.text_of(session, call, "en").title == "Keep culture open"
    previews.revoke(session, ann, call, link.id)
    with pytest.raises(previews.PreviewRevoked):
        previews.get_call(session, token)


def test_refusals_are_conflicts() -> None:
    kinds = [
        kind for kind in vars(publishing).values() if isinstance(kind, type) and kind.__module__.endswith("publishing")
    ]

    assert all(issubclass(kind, Conflict) for kind in kinds)


def test_published_words_are_those_of_the_newest_version(session: Session, call: Call, ann: Organiser) -> None:
    publishing.publish(session, ann, call, revision=draft(session, call, body="Other reasons."))
    session.commit()

    texts = {text.language: dict(text_content(text)) for text in session.scalars(select(CallText))}
    assert texts == session.get_one(CallVersion, (call.id, call.version)).texts


def test_nothing_but_publishing_writes_published_words() -> None:
    writers = {
        str(path.relative_to(PETITION))
        for path in PETITION.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (
            ast.unparse(node.func) == "CallText"
            or (
                ast.unparse(node.func).rpartition(".")[2] in {"insert", "update", "delete"}
                and "CallText" in {ast.unparse(argument) for argument in node.args}
            )
        )
    }

    # A preview makes rows that belong to no session; the next test sees that they reach no table.
    assert writers == {"domain/publishing.py", "domain/previews.py"}
