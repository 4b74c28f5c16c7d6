"""How the platform uses a connection to PostgreSQL, its own or one of a pool that others share."""

import pytest
from sqlalchemy import text

from petition.db import make_engine

ASKED = "select count(*) from pg_prepared_statements"


@pytest.mark.parametrize(("pgbouncer", "is_prepared", "timeout"), [(False, True, "15s"), (True, False, "0")])
def test_nothing_stays_on_a_connection_that_the_next_may_get(
    postgresql_server: str, pgbouncer: bool, is_prepared: bool, timeout: str
) -> None:
    engine = make_engine(postgresql_server, pgbouncer=pgbouncer)
    with engine.connect() as connection:
        for _time in range(10):
            prepared = connection.scalar(text(ASKED))
        found = connection.scalar(text("show statement_timeout"))
    engine.dispose()

    assert bool(prepared) is is_prepared
    assert found == timeout
