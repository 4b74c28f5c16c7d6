"""What is forgotten of signatures."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from petition.domain import retention
from petition.models import Signature
from tests.conftest import StoppedClock
from tests.factories import OPENED, confirm, make_call, sign


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_unconfirmed_signatures_are_deleted_with_their_personal_data(
    session: Session, stopped_clock: StoppedClock
) -> None:
    call = make_call(session, opens_at=OPENED)
    sign(session, call)
    confirm(session, call, email="ann@example.org")
    stopped_clock.tick(days=7, seconds=1)

    deleted = retention.delete_unconfirmed(session, before=stopped_clock.now - timedelta(days=7), limit=10)

    assert deleted == 1
    assert _count(session, Signature) == 1
