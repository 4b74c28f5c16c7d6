"""A campaign goes from team to team when both agree, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition import db
from petition.domain import letters, transfers
from petition.errors import NotFound
from petition.lib import clock
from petition.models import AuditEntry, Campaign, Letter, Organiser, Picture, Role, Team
from tests.factories import make_call
from tests.organisers import join, make_organiser, make_team


class Museums(NamedTuple):
    """Ann's team has a campaign; Bob owns another team."""

    ann: Organiser
    bob: Organiser
    campaign: Campaign
    ours: Team
    theirs: Team


def two_museums(session: Session) -> Museums:
    ann, bob = make_organiser(session), make_organiser(session, "Bob")
    ours, theirs = make_team(session), make_team(session, "Städtisches Museum")
    join(session, ours, ann)
    join(session, theirs, bob)
    campaign = make_call(session).campaign
    campaign.team_id = ours.id
    session.commit()
    return Museums(ann, bob, campaign, ours, theirs)


def test_a_campaign_goes_when_the_other_team_agrees(session: Session, app: Flask) -> None:
    ann, bob, campaign, ours, theirs = two_museums(session)
    join(session, theirs, make_organiser(session, "Chris"), Role.EDITOR)

    transfers.offer(session, ann, campaign, theirs)
    session.commit()
    assert campaign.team_id == ours.id
    (letter,) = session.scalars(select(Letter)).all()
    assert (letter.template, letter.recipient) == ("campaign_offered", bob.email)
    assert len(letters.current_contents(session, [letter])) == 1

    transfers.accept(session, bob, transfers.get_offer(session, theirs, campaign.id))
    session.commit()
    session.refresh(campaign)
    assert campaign.team_id == theirs.id
    assert transfers.find_offer(session, campaign) is None
    assert letters.current_contents(session, [letter]) == {}
    entries = session.execute(select(AuditEntry.action, AuditEntry.team_id).order_by(AuditEntry.id)).all()
    assert [tuple(entry) for entry in entries] == [
        ("offer_campaign", ours.id),
        ("offer_campaign", theirs.id),
        ("accept_campaign", ours.id),
        ("accept_campaign", theirs.id),
    ]


def test_an_offer_can_be_refused_or_taken_back_and_made_again(session: Session) -> None:
    ann, bob, campaign, ours, theirs = two_museums(session)

    transfers.offer(session, ann, campaign, theirs)
    transfers.refuse(session, bob, transfers.get_offer(session, theirs, campaign.id))
    transfers.offer(session, ann, campaign, theirs)
    transfers.withdraw(session, ann, campaign)
    session.commit()

    assert transfers.find_offer(session, campaign) is None
    assert campaign.team_id == ours.id
    with pytest.raises(transfers.OfferGone):
        transfers.withdraw(session, ann, campaign)


def test_a_campaign_is_offered_to_one_team_at_a_time_and_not_to_its_own(session: Session) -> None:
    ann, _bob, campaign, ours, theirs = two_museums(session)

    with pytest.raises(transfers.AlreadyTheirs):
        transfers.offer(session, ann, campaign, ours)
    transfers.offer(session, ann, campaign, theirs)
    with pytest.raises(transfers.AlreadyOffered):
        transfers.offer(session, ann, campaign, make_team(session, "Third museum"))


def test_a_team_finds_only_what_is_offered_to_it(session: Session) -> None:
    ann, _bob, campaign, ours, theirs = two_museums(session)
    transfers.offer(session, ann, campaign, theirs)

    assert [offer.campaign for offer in transfers.offers_to(session, theirs)] == [campaign]
    assert transfers.offers_to(session, ours) == []
    with pytest.raises(NotFound):
        transfers.get_offer(session, ours, campaign.id)


@pytest.mark.parametrize(("name", "is_found"), [("STÄDTISCHES museum", True), ("Städtisches", False), ("", False)])
def test_only_who_knows_number_and_name_of_a_team_can_name_it(session: Session, name: str, is_found: bool) -> None:
    theirs = two_museums(session).theirs

    assert (transfers.find_team(session, theirs.id, name) == theirs) is is_found
    assert transfers.find_team(session, theirs.id + 1000, theirs.name) is None


def test_pictures_that_only_the_campaign_shows_go_with_it(session: Session) -> None:
    ann, bob, campaign, ours, theirs = two_museums(session)
    pictures = [
        Picture(team_id=ours.id, name=name, width=1, height=1, credit="", licence="", uploaded_at=clock.now())
        for name in ("alone", "shared", "unused")
    ]
    session.add_all(pictures)
    session.flush()
    alone, shared, _unused = (picture.id for picture in pictures)
    for slug, picture, team_id in (("a", alone, None), ("b", shared, None), ("c", shared, ours.id)):
        call = make_call(session, slug=slug, picture_id=picture)
        if team_id is None:
            call.campaign_id = campaign.id
    session.commit()

    transfers.offer(session, ann, campaign, theirs)
    transfers.accept(session, bob, transfers.get_offer(session, theirs, campaign.id))
    session.commit()

    rows = session.execute(select(Picture.name, Picture.team_id))
    assert {row.name: row.team_id for row in rows} == {"alone": theirs.id, "shared": ours.id, "unused": ours.id}


@pytest.mark.parametrize("other", [transfers.accept, transfers.refuse])
def test_two_answers_at_the_same_moment_are_one(
    session: Session, other: Callable[[Session, Organiser, transfers.Offer], None]
) -> None:
    ann, bob, campaign, _ours, theirs = two_museums(session)
    transfers.offer(session, ann, campaign, theirs)
    session.commit()
    ids, together = (bob.id, theirs.id, campaign.id), Barrier(2)

    def answer(act: Callable[[Session, Organiser, transfers.Offer], None]) -> str:
        person, team = session.get_one(Organiser, ids[0]), session.get_one(Team, ids[1])
        offered = transfers.get_offer(session, team, ids[2])
        together.wait()
        try:
            act(session, person, offered)
            session.commit()
        except transfers.OfferGone:
            return "too late"
        finally:
            db.scope.remove()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(answer, (transfers.accept, other)))

    assert outcomes == ["done", "too late"]
