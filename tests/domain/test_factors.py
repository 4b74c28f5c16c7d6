"""The codes of an app, and recovery codes."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import factors
from petition.errors import NotFound
from petition.lib import encryption, totp
from petition.models import AuditEntry, Letter, Organiser, RecoveryCode
from tests.conftest import StoppedClock
from tests.organisers import make_organiser

SECRET = totp.new_secret()


def code_at(clock: StoppedClock, steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(clock.now + timedelta(seconds=30 * steps))


def turn_on(session: Session, person: Organiser, clock: StoppedClock) -> list[str]:
    codes = factors.turn_totp_on(session, person, secret=SECRET, code=code_at(clock))
    session.commit()
    clock.tick(seconds=90)
    return codes


def letters_to(session: Session, person: Organiser) -> list[str]:
    return list(session.scalars(select(Letter.template).where(Letter.recipient == person.email).order_by(Letter.id)))


def test_a_code_of_the_app_is_good_once(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    turn_on(session, ann, stopped_clock)
    code = code_at(stopped_clock)

    factors.use_code(session, ann, f" {code[:3]} {code[3:]} ")

    for used in (code, code_at(stopped_clock, -1)):
        with pytest.raises(factors.WrongCode):
            factors.use_code(session, ann, used)


def test_the_code_that_turned_the_app_on_is_used_up(session: Session, stopped_clock: StoppedClock) -> None:
    ann, code = make_organiser(session), code_at(stopped_clock)
    factors.turn_totp_on(session, ann, secret=SECRET, code=code)

    with pytest.raises(factors.WrongCode):
        factors.use_code(session, ann, code)
    assert letters_to(session, ann) == ["totp_turned_on"]


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_behind_or_ahead(
    session: Session, stopped_clock: StoppedClock, steps: int, is_right: bool
) -> None:
    ann = make_organiser(session)
    turn_on(session, ann, stopped_clock)
    stopped_clock.tick(minutes=2)

    try:
        factors.use_code(session, ann, code_at(stopped_clock, steps))
    except factors.WrongCode:
        assert not is_right
    else:
        assert is_right


@pytest.mark.parametrize("code", ["", "12345", "１２３４５６", "123456789", "none", "\u0661" * 6])
def test_what_is_no_code_is_refused(session: Session, stopped_clock: StoppedClock, code: str) -> None:
    ann = make_organiser(session)
    turn_on(session, ann, stopped_clock)

    with pytest.raises(factors.WrongCode):
        factors.use_code(session, ann, code)
    with pytest.raises(factors.WrongCode):
        factors.turn_totp_on(session, ann, secret=SECRET, code=code)


def test_a_recovery_code_is_good_once_however_it_is_typed(session: Session, stopped_clock: StoppedClock) -> None:
    ann, bob = make_organiser(session), make_organiser(session, "Bob")
    codes = turn_on(session, ann, stopped_clock)
    turn_on(session, bob, stopped_clock)
    assert len(set(codes)) == 10
    typed = codes[0].upper().replace("-", " ").replace("0", "O").replace("1", "I")

    with pytest.raises(factors.WrongCode):
        factors.use_code(session, bob, typed)
    factors.use_code(session, ann, typed)
    with pytest.raises(factors.WrongCode):
        factors.use_code(session, ann, codes[0])

    assert factors.count_recovery_codes(session, ann) == 9
    assert letters_to(session, ann)[-1] == "recovery_code_used"


def test_new_recovery_codes_replace_the_old_ones(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    with pytest.raises(NotFound):
        factors.renew_recovery_codes(session, ann)
    old = turn_on(session, ann, stopped_clock)

    new = factors.renew_recovery_codes(session, ann)

    with pytest.raises(factors.WrongCode):
        factors.use_code(session, ann, old[0])
    factors.use_code(session, ann, new[0])
    assert "recovery_codes_renewed" in letters_to(session, ann)


def test_without_the_app_nothing_of_it_is_left(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    codes = turn_on(session, ann, stopped_clock)

    factors.turn_totp_off(session, ann)

    assert (ann.totp_secret, ann.totp_step) == (None, None)
    assert session.scalars(select(RecoveryCode)).all() == []
    for code in (codes[0], code_at(stopped_clock)):
        with pytest.raises(factors.WrongCode):
            factors.use_code(session, ann, code)


def test_the_database_holds_neither_the_secret_nor_a_recovery_code(
    session: Session, stopped_clock: StoppedClock
) -> None:
    ann = make_organiser(session)
    codes = turn_on(session, ann, stopped_clock)

    assert SECRET.encode() not in (ann.totp_secret or b"")
    kept = b"".join(session.scalars(select(RecoveryCode.digest)))
    assert not any(code.encode() in kept or code.replace("-", "").encode() in kept for code in codes)
    text = " ".join(f"{entry.old} {entry.new}" for entry in session.scalars(select(AuditEntry)))
    assert SECRET not in text and not any(code in text for code in codes)


def test_a_secret_outlives_the_rotation_of_the_key_that_encrypted_it(
    session: Session, stopped_clock: StoppedClock
) -> None:
    ann = make_organiser(session)
    encryption.configure(["the old key of this site, long enough"])
    turn_on(session, ann, stopped_clock)

    encryption.configure(["the old key of this site, long enough", "the new key of this site, long enough"])
    factors.use_code(session, ann, code_at(stopped_clock))
    encryption.configure(["the new key of this site, long enough"])
    stopped_clock.tick(seconds=30)

    factors.use_code(session, ann, code_at(stopped_clock))


def test_with_a_key_that_is_gone_recovery_codes_still_work(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    codes = turn_on(session, ann, stopped_clock)

    encryption.configure(["another key of this site, long enough"])

    with pytest.raises(factors.WrongCode):
        factors.use_code(session, ann, code_at(stopped_clock))
    factors.use_code(session, ann, codes[0])


def test_codes_go_with_their_account(session: Session, stopped_clock: StoppedClock) -> None:
    ann = make_organiser(session)
    turn_on(session, ann, stopped_clock)

    session.delete(ann)
    session.commit()

    assert session.scalars(select(RecoveryCode)).all() == []
