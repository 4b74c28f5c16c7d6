"""Tokens with which partners' programs report signatures."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import partner_tokens
from petition.models import AuditEntry, Organiser, Partner, PartnerToken, Team
from tests.conftest import StoppedClock
from tests.factories import make_partner
from tests.organisers import make_organiser, make_team


@pytest.fixture(name="team")
def _team(session: Session, stopped_clock: StoppedClock) -> Team:
    return make_team(session)


@pytest.fixture(name="partner")
def _partner(session: Session, team: Team) -> Partner:
    return make_partner(session, team)


@pytest.fixture(name="ann")
def _ann(session: Session) -> Organiser:
    return make_organiser(session)


def test_a_token_is_known_by_its_digest_alone_until_it_is_revoked(
    session: Session, team: Team, partner: Partner, ann: Organiser
) -> None:
    token, text = partner_tokens.make_token(session, ann, partner, "Scanner")
    make_partner(session, team, "library")
    session.commit()

    assert len(text) == 46
    assert text.encode() not in token.digest
    assert partner_tokens.find_partner(session, text, "museum") == partner
    assert partner_tokens.find_partner(session, text, "library") is None
    assert partner_tokens.find_partner(session, text[:-1], "museum") is None
    assert partner_tokens.find_partner(session, text.removeprefix("pt_"), "museum") is None

    partner.is_paused = True
    assert partner_tokens.find_partner(session, text, "museum") is None
    partner.is_paused = False

    partner_tokens.revoke_token(session, ann, token)
    partner_tokens.revoke_token(session, ann, token)
    assert partner_tokens.find_partner(session, text, "museum") is None
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["make_partner_token", "revoke_partner_token"]


def test_a_partner_has_ten_good_tokens_at_most(session: Session, partner: Partner, ann: Organiser) -> None:
    made = [partner_tokens.make_token(session, ann, partner, f"Scanner {number}") for number in range(10)]
    with pytest.raises(partner_tokens.TooManyTokens):
        partner_tokens.make_token(session, ann, partner, "One more")

    partner_tokens.revoke_token(session, ann, made[0][0])
    partner_tokens.make_token(session, ann, partner, "One more")
    assert len({token.digest for token in session.scalars(select(PartnerToken))}) == 11
