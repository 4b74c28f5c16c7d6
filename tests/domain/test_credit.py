"""Who is credited for a signature, and by which channel it came."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from petition.domain import confirming, supporters, totals
from petition.errors import WordsChanged
from petition.models import Call, Dimension, Partner, Team
from tests import factories
from tests.organisers import make_team


@pytest.fixture
def team(session: Session) -> Team:
    return make_team(session)


@pytest.fixture
def call(session: Session, team: Team) -> Call:
    return factories.make_call(session, team=team)


@pytest.fixture
def museum(session: Session, team: Team) -> Partner:
    return factories.make_partner(session, team)


def credited(session: Session, call: Call) -> dict[str, list[tuple[str, int]]]:
    return {
        dimension.value: totals.figures(session, call, dimension)
        for dimension in (Dimension.PARTNER, Dimension.CHANNEL)
    }


def test_a_known_partner_and_the_channel_count_once_it_is_confirmed(
    session: Session, call: Call, museum: Partner
) -> None:
    signature = factories.confirm(session, call, partner="museum", via="qr")

    assert (signature.partner, signature.via) == ("museum", "qr")
    assert credited(session, call) == {"partner": [("museum", 1)], "channel": [("qr", 1)]}
    assert totals.drift(session) == []


@pytest.mark.parametrize("slug", ["nobody", "", "museum'--", "m" * 200])
def test_an_unknown_partner_is_nobody(session: Session, call: Call, museum: Partner, slug: str) -> None:
    assert factories.sign(session, call, partner=slug).partner == ""


def test_a_paused_partner_is_nobody(session: Session, call: Call, museum: Partner) -> None:
    museum.is_paused = True
    session.commit()

    assert factories.sign(session, call, partner="museum").partner == ""


def test_a_partner_of_another_team_is_nobody(session: Session, call: Call) -> None:
    factories.make_partner(session, make_team(session, "Another"), "library")

    assert factories.sign(session, call, partner="library").partner == ""


def test_the_last_form_that_names_a_partner_is_credited(session: Session, call: Call, museum: Partner) -> None:
    factories.make_partner(session, museum.team, "library")
    factories.sign(session, call, partner="museum", via="facebook")
    factories.sign(session, call, partner="library")
    factories.sign(session, call)
    factories.sign(session, call, partner="nobody")

    signature = factories.confirm(session, call)

    assert (signature.partner, signature.via) == ("library", "facebook")
    assert credited(session, call)["partner"] == [("library", 1)]


def test_a_confirmed_signature_keeps_its_credit(session: Session, call: Call, museum: Partner) -> None:
    factories.make_partner(session, museum.team, "library")
    factories.confirm(session, call, partner="museum")

    assert factories.sign(session, call, partner="library").partner == "museum"
    assert totals.drift(session) == []


def test_a_button_confirms_only_the_partner_that_was_shown(session: Session, call: Call, museum: Partner) -> None:
    shown = factories.button(factories.sign(session, call, partner="museum"))
    factories.make_partner(session, museum.team, "library")
    factories.sign(session, call, partner="library")

    (refusal,) = confirming.confirm(session, [shown])

    assert isinstance(refusal, WordsChanged)


def test_a_withdrawn_signature_is_credited_no_more(session: Session, call: Call, museum: Partner) -> None:
    signature = factories.confirm(session, call, partner="museum", via="qr")
    supporters.withdraw(session, signature)
    session.commit()

    assert credited(session, call) == {"partner": [], "channel": []}


def test_a_recount_finds_wrong_credit(session: Session, call: Call, museum: Partner) -> None:
    signature = factories.confirm(session, call, via="qr")
    session.execute(update(type(signature)).values(via="letter"))

    wrong = {(figure.key, figure.confirmed) for figure in totals.repair(session)}

    assert wrong == {("qr", -1), ("letter", 1)}
    assert credited(session, call)["channel"] == [("letter", 1)]
