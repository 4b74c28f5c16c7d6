"""Many people, or one impatient person, at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import letters, totals
from petition.lib import tokens
from petition.models import Letter, Signature
from tests import factories
from tests.conftest import StoppedClock
from tests.visitor import FORM, form_token, press

CROWD = 12


def _at_once(act: Callable[[int], int]) -> list[int]:
    """Return what each of twelve threads got that acted at the same moment."""
    together = Barrier(CROWD)

    def wait_and_act(number: int) -> int:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(wait_and_act, range(CROWD)))


def test_twelve_identical_sign_ups_make_one_row_and_no_error_page(
    app: Flask, session: Session, stopped_clock: StoppedClock
) -> None:
    factories.make_call(session)
    path = "/en/calls/open-culture"
    fields = FORM | {"token": form_token(app.test_client().get(path))}
    stopped_clock.tick(seconds=3)

    statuses = _at_once(lambda _number: app.test_client().post(f"{path}/sign", data=fields).status_code)

    assert statuses == [303] * CROWD
    assert len(session.scalars(select(Signature)).all()) == 1
    assert 1 <= len(session.scalars(select(Letter)).all()) <= letters.KINDS["confirm_signature"].per_call


def test_twelve_confirmations_of_one_signature_add_one(app: Flask, session: Session) -> None:
    call = factories.make_call(session)
    link = f"/en/confirm/{tokens.make('confirm', factories.sign(session, call).id)}"
    session.commit()

    statuses = _at_once(lambda _number: press(app.test_client(), link).status_code)

    assert statuses == [303] * CROWD
    assert totals.for_call(session, call).total == 1
    assert totals.drift(session) == []


def test_twelve_confirmations_of_twelve_signatures_add_twelve(app: Flask, session: Session) -> None:
    call = factories.make_call(session)
    signed = [factories.sign(session, call, email=f"suzie{number}@example.org").id for number in range(CROWD)]
    session.commit()

    statuses = _at_once(
        lambda number: press(app.test_client(), f"/en/confirm/{tokens.make('confirm', signed[number])}").status_code
    )

    assert statuses == [303] * CROWD
    assert totals.for_call(session, call).total == CROWD
    assert totals.drift(session) == []


def test_twelve_withdrawals_of_one_signature_take_one_off(app: Flask, session: Session) -> None:
    call = factories.make_call(session)
    factories.confirm(session, call, email="stays@example.org")
    signature = factories.confirm(session, call)
    link = f"/en/me/{tokens.make('me', signature.id)}/withdraw"

    statuses = _at_once(lambda _number: press(app.test_client(), link).status_code)

    assert statuses == [303] * CROWD
    assert totals.for_call(session, call).total == 1
