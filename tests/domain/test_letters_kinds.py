"""The outbox: which kinds of letters there are."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from petition.domain import letters
from petition.domain.letters import Content, LetterKind
from petition.models import Letter


def nothing(_session: Session, _batch: Sequence[Letter]) -> dict[int, Content]:
    return {}


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards what a test registers."""
    monkeypatch.setattr(letters, "KINDS", dict(letters.KINDS))
    monkeypatch.setattr(letters, "LINK_LIFETIMES", dict(letters.LINK_LIFETIMES))


def test_a_kind_may_be_registered_twice_but_not_as_two_different_letters() -> None:
    letters.register(LetterKind("reset_password", 0, nothing))
    letters.register(LetterKind("reset_password", 0, nothing))

    with pytest.raises(ValueError, match="reset_password"):
        letters.register(LetterKind("reset_password", 1, nothing))
    assert letters.KINDS["reset_password"].priority == 0


def test_links_for_one_purpose_live_equally_long_in_all_letters() -> None:
    hour = timedelta(hours=1)
    letters.register(LetterKind("reset_password", 0, nothing, links={"reset": hour}))

    with pytest.raises(ValueError, match="two lifetimes"):
        letters.register(LetterKind("invite", 0, nothing, links={"reset": 2 * hour}))
    assert "invite" not in letters.KINDS
    assert letters.LINK_LIFETIMES["reset"] == hour
