"""Passkeys: who may add and use one, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import factors
from petition.errors import NotFound
from petition.lib import passkeys
from petition.lib.passkeys import Untrue
from petition.models import AuditEntry, Challenge, Letter, Organiser
from tests.authenticator import Authenticator
from tests.conftest import StoppedClock
from tests.organisers import make_organiser

HERE = passkeys.relying_party("http://localhost")


def register(session: Session, person: Organiser, phone: Authenticator | None = None) -> Authenticator:
    """Add a passkey to an account; commits."""
    phone = phone or Authenticator()
    options = factors.ask_new_passkey(session, person, HERE)
    factors.add_passkey(session, person, HERE, name="Phone", answer=phone.create(options))
    session.commit()
    return phone


def prove(session: Session, phone: Authenticator) -> Organiser:
    return factors.prove_by_passkey(session, HERE, phone.get(factors.ask_passkey(session, HERE)))


def letters_to(session: Session, person: Organiser) -> list[str]:
    return list(session.scalars(select(Letter.template).where(Letter.recipient == person.email).order_by(Letter.id)))


def audited(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_passkey_signs_its_owner_in(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    phone = register(session, ann)

    assert prove(session, phone) == ann
    assert factors.passkeys_of(session, ann)[0].last_used_at == stopped_clock.now
    assert letters_to(session, ann) == ["passkey_added"]
    assert audited(session) == ["add_passkey"]


def test_a_person_has_several_passkeys_and_each_authenticator_one_of_them(session: Session) -> None:
    ann = make_organiser(session)
    phone, key = register(session, ann), register(session, ann)

    assert [prove(session, phone), prove(session, key)] == [ann, ann]
    known = factors.ask_new_passkey(session, ann, HERE)["excludeCredentials"]
    assert [passkey["transports"] for passkey in known] == [["internal"], ["internal"]]


@pytest.mark.parametrize(
    "lie",
    [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"is_verified": False}],
    ids=["another-origin", "another-relying-party", "nobody-verified"],
)
def test_a_passkey_is_refused_that_was_made_or_used_elsewhere_or_by_nobody_verified(
    session: Session, lie: dict[str, Any]
) -> None:
    ann = make_organiser(session)
    phone = register(session, ann)
    options = factors.ask_new_passkey(session, ann, HERE)

    with pytest.raises(Untrue):
        factors.add_passkey(session, ann, HERE, name="Phone", answer=Authenticator(**lie).create(options))
    with pytest.raises(Untrue):
        prove(session, replace(phone, **lie))
    assert len(factors.passkeys_of(session, ann)) == 1


def test_a_challenge_is_good_for_one_answer_even_a_wrong_one(session: Session) -> None:
    phone = register(session, make_organiser(session))
    options = factors.ask_passkey(session, HERE)

    with pytest.raises(Untrue):
        factors.prove_by_passkey(session, HERE, replace(phone, is_verified=False).get(options))
    with pytest.raises(factors.ChallengeGone):
        factors.prove_by_passkey(session, HERE, phone.get(options))
    assert session.scalars(select(Challenge)).all() == []


def test_a_challenge_ends_after_five_minutes(session: Session, stopped_clock: StoppedClock) -> None:
    phone = register(session, make_organiser(session))
    options = factors.ask_passkey(session, HERE)

    stopped_clock.tick(minutes=5)

    with pytest.raises(factors.ChallengeGone):
        factors.prove_by_passkey(session, HERE, phone.get(options))


def test_challenges_that_nobody_answers_are_forgotten(session: Session, stopped_clock: StoppedClock) -> None:
    factors.ask_passkey(session, HERE)
    stopped_clock.tick(minutes=4)
    factors.ask_passkey(session, HERE)
    stopped_clock.tick(minutes=1)

    assert factors.delete_expired_challenges(session, limit=10) == 1
    assert len(session.scalars(select(Challenge)).all()) == 1


def test_a_challenge_of_our_own_making_of_another_person_or_for_another_purpose_is_refused(session: Session) -> None:
    ann, mallory = make_organiser(session), make_organiser(session, "Mallory")
    phone = register(session, ann)
    to_ann = factors.ask_new_passkey(session, ann, HERE)

    with pytest.raises(factors.ChallengeGone):
        factors.prove_by_passkey(session, HERE, phone.get({"challenge": "bXkgb3du"}))
    with pytest.raises(factors.ChallengeGone):
        factors.prove_by_passkey(session, HERE, phone.get(to_ann))
    with pytest.raises(factors.ChallengeGone):
        factors.add_passkey(session, mallory, HERE, name="Mine", answer=Authenticator().create(to_ann))
    factors.add_passkey(session, ann, HERE, name="Key", answer=Authenticator().create(to_ann))


def test_a_passkey_belongs_to_one_account(session: Session) -> None:
    ann, mallory = make_organiser(session), make_organiser(session, "Mallory")
    phone = register(session, ann)

    with pytest.raises(factors.KnownPasskey):
        register(session, mallory, phone)
    assert phone.user_handle == str(mallory.id).encode()
    with pytest.raises(Untrue):
        prove(session, phone)
    with pytest.raises(NotFound):
        factors.get_passkey(session, mallory, factors.passkeys_of(session, ann)[0].id)


def test_a_passkey_with_another_key_is_refused(session: Session) -> None:
    phone = register(session, make_organiser(session))

    with pytest.raises(Untrue):
        prove(session, replace(phone, key=Authenticator().key))


def test_a_removed_passkey_signs_nobody_in(session: Session) -> None:
    ann = make_organiser(session)
    phone, key = register(session, ann), register(session, ann)

    factors.remove_passkey(session, ann, factors.passkeys_of(session, ann)[0])

    with pytest.raises(factors.UnknownPasskey):
        prove(session, phone)
    assert prove(session, key) == ann
    assert letters_to(session, ann)[-1] == "passkey_removed"


def test_the_last_way_in_cannot_be_removed(session: Session) -> None:
    ann = make_organiser(session)
    register(session, ann)
    passkey = factors.passkeys_of(session, ann)[0]

    with pytest.raises(factors.LastFactor):
        factors.remove_passkey(session, ann, passkey)

    ann.password_hash = "a password"
    factors.remove_passkey(session, ann, passkey)
    assert factors.passkeys_of(session, ann) == []


def test_nobody_has_more_passkeys_than_can_be_looked_through(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("petition.terms.PASSKEYS", 2)
    ann = make_organiser(session)
    options = factors.ask_new_passkey(session, ann, HERE)
    register(session, ann)
    register(session, ann)

    with pytest.raises(factors.TooManyPasskeys):
        factors.ask_new_passkey(session, ann, HERE)
    with pytest.raises(factors.TooManyPasskeys):
        factors.add_passkey(session, ann, HERE, name="Third", answer=Authenticator().create(options))


def test_a_counter_that_goes_back_is_refused_and_its_owner_told(session: Session) -> None:
    ann = make_organiser(session)
    key = register(session, ann, Authenticator(count=5))
    assert prove(session, replace(key, count=6)) == ann

    with pytest.raises(factors.PasskeyCopied):
        prove(session, replace(key, count=6))

    assert letters_to(session, ann)[-1] == "passkey_went_back"
    assert audited(session)[-1] == "note_passkey_copy"
    assert prove(session, replace(key, count=2**32 - 1)) == ann


def test_passkeys_that_do_not_count_are_no_copies(session: Session) -> None:
    ann = make_organiser(session)
    synced = register(session, ann)
    assert [prove(session, synced), prove(session, synced)] == [ann, ann]
    assert letters_to(session, ann) == ["passkey_added"]

    counted = register(session, ann, Authenticator(count=3))
    assert [prove(session, replace(counted, count=0)), prove(session, replace(counted, count=0))] == [ann, ann]
    assert letters_to(session, ann).count("passkey_went_back") == 1
