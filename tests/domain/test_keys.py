"""The database knows which key its digests were made with, and the key changes only while nobody would be lost."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import keys
from petition.lib import email_addresses
from petition.models import Letter, Signature
from tests import factories


def test_the_first_key_is_noted_and_another_one_is_wrong(session: Session) -> None:
    assert keys.is_right(session)
    assert keys.claim(session)
    session.commit()

    email_addresses.configure(b"another key")

    assert not keys.is_right(session)
    assert not keys.claim(session)


def test_the_key_can_change_while_all_addresses_are_known(session: Session) -> None:
    factories.sign(session, factories.make_call(session))
    keys.claim(session)
    email_addresses.configure(b"another key")

    assert keys.rotate(session) == 1
    session.commit()

    digest = email_addresses.digest(factories.SUZIE.email)
    assert session.scalars(select(Signature.email_digest)).all() == [digest]
    assert session.scalars(select(Letter.email_digest)).all() == [digest]
    assert keys.claim(session)


def test_the_key_stays_once_an_address_was_forgotten(session: Session) -> None:
    factories.confirm(session, factories.make_call(session))
    before = session.scalars(select(Signature.email_digest)).all()
    keys.claim(session)
    session.commit()
    email_addresses.configure(b"another key")

    with pytest.raises(keys.AddressesForgotten) as refused:
        keys.rotate(session)
    session.rollback()

    assert refused.value.rows == 1
    assert session.scalars(select(Signature.email_digest)).all() == before
    assert not keys.is_right(session)
