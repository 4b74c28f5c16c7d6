"""The audit log only grows, is read by those it is about, and is forgotten in whole days."""

import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, make_url, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from petition import db, terms
from petition.cli import database
from petition.config import folder
from petition.domain import audit
from petition.domain.audit import Filter
from petition.lib import clock
from petition.models import AuditEntry, AuditNetwork
from tests.conftest import StoppedClock
from tests.organisers import make_organiser, make_team

TAMPERING = {
    "update": "update audit_entry set action = 'nothing'",
    "update of one column of many": "update audit_entry set actor_id = null where id = 1",
    "delete": "delete from audit_entry",
    "upsert": "insert into audit_entry (id, at, action, thing, old, new) values (1, '2026-01-01', 'a', 't', '', '')"
    " on conflict (id) do update set action = 'nothing'",
}
ONLY_SQLITE = {
    "insert or replace": "insert or replace into audit_entry (id, at, action, thing, old, new)"
    " values (1, '2026-01-01', 'nothing', 't', '', '')",
    "replace": "replace into audit_entry (id, at, action, thing, old, new)"
    " values (1, '2026-01-01', 'nothing', 't', '', '')",
    "update or replace": "update or replace audit_entry set id = 1",
}
ONLY_POSTGRESQL = {"truncate": "truncate audit_entry", "truncate cascade": "truncate audit_entry cascade"}


def test_no_statement_changes_or_deletes_an_entry(session: Session) -> None:
    team = make_team(session)
    audit.record(session, None, "start_team", team, team_id=team.id)
    session.commit()
    extra = ONLY_SQLITE if db.is_sqlite(session) else ONLY_POSTGRESQL

    for statement in (TAMPERING | extra).values():
        with pytest.raises(IntegrityError, match="only grows"):
            session.execute(text(statement))
        session.rollback()

    assert session.scalars(select(AuditEntry.action)).all() == ["start_team"]


def test_a_program_beside_the_platform_replaces_no_entry_in_the_file_either(session: Session) -> None:
    if not db.is_sqlite(session):
        pytest.skip("A question about SQLite's file.")
    audit.record(session, None, "start_team", make_team(session))
    session.commit()
    with sqlite3.connect(make_url(str(session.get_bind().engine.url)).database or "") as other:
        assert other.execute("pragma recursive_triggers").fetchone() == (0,)

        for statement in (*TAMPERING.values(), *ONLY_SQLITE.values()):
            with pytest.raises(sqlite3.IntegrityError, match="only grows"):
                other.execute(statement)
    other.close()


def test_the_triggers_stand_after_each_migration_forwards_and_back(blank_database_url: str) -> None:
    newest = _newest()
    engine = db.make_engine(blank_database_url)
    wanted = {"no_update", "no_delete", "no_replace" if engine.dialect.name == "sqlite" else "no_truncate"}

    for number in range(8, newest + 1):
        database.upgrade(blank_database_url, f"{number:04}")
        assert _triggers(engine) == wanted, f"after {number:04}"
    for number in range(newest - 1, 7, -1):
        database.downgrade(blank_database_url, f"{number:04}")
        assert _triggers(engine) == wanted, f"back at {number:04}"
    database.downgrade(blank_database_url, "0007")
    assert _triggers(engine) == set()
    engine.dispose()


def _newest() -> int:
    return max(int(path.name[:4]) for path in (folder("migrations") / "versions").glob("[0-9]*.py"))


def _triggers(engine: Engine) -> set[str]:
    listed = {
        "sqlite": "select name from sqlite_master where type = 'trigger'",
        "postgresql": "select tgname from pg_trigger where not tgisinternal and tgenabled = 'O'",
    }
    with engine.connect() as connection:
        names = connection.scalars(text(listed[engine.dialect.name])).all()
    return {name.removeprefix("audit_entry_") for name in names}


def test_entries_are_forgotten_in_whole_days_after_the_promised_years_and_not_before(
    session: Session, stopped_clock: StoppedClock
) -> None:
    team = make_team(session)
    kept = timedelta(days=365 * terms.AUDIT_YEARS)
    today = datetime(2026, 6, 1, tzinfo=UTC)
    for at in (today - kept - timedelta(hours=1), today - kept + timedelta(hours=1), today):
        stopped_clock.stop(at)
        audit.record(session, None, "start_team", team)

    stopped_clock.stop(today + timedelta(hours=15))
    assert audit.delete_old_days(session) == 1

    left = session.scalars(select(AuditEntry.at).order_by(AuditEntry.at)).all()
    assert left == [today - kept + timedelta(hours=1), today]


def test_a_clock_far_ahead_deletes_no_entry_that_is_still_promised(
    session: Session, stopped_clock: StoppedClock
) -> None:
    stopped_clock.stop(datetime.now(UTC))
    audit.record(session, None, "start_team", make_team(session))
    session.commit()

    stopped_clock.tick(days=2000)
    with pytest.raises(IntegrityError, match="only grows"):
        audit.delete_old_days(session)
    session.rollback()

    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_the_network_stands_beside_an_entry_for_thirty_days(session: Session, stopped_clock: StoppedClock) -> None:
    ann, team = make_organiser(session), make_team(session)
    token = audit.network_digest.set(b"\x12\x34\x56 and more")
    audit.record(session, ann, "start_team", team, team_id=team.id)
    audit.network_digest.reset(token)
    audit.record(session, ann, "edit_team", team, team_id=team.id)

    newest, oldest = audit.read(session, team.id, Filter()).entries
    assert (newest.network, oldest.network) == ("", "123456")

    stopped_clock.tick(days=terms.AUDIT_NETWORK_DAYS, seconds=1)
    assert audit.delete_networks(session) == 1
    assert session.scalars(select(AuditNetwork)).all() == []
    assert len(audit.read(session, team.id, Filter()).entries) == 2


def test_entries_are_read_by_team_person_act_thing_and_day(session: Session, stopped_clock: StoppedClock) -> None:
    ann, bob = make_organiser(session), make_organiser(session, "Bob")
    ours, theirs = make_team(session), make_team(session, "Other museum")
    audit.record(session, ann, "edit_team", ours, team_id=ours.id, old="UTC", new="Europe/Paris")
    audit.record(session, None, "change_role", bob, team_id=ours.id, old="analyst", new="editor")
    stopped_clock.tick(days=1)
    audit.record(session, bob, "edit_team", ours, team_id=ours.id)
    audit.record(session, bob, "edit_team", theirs, team_id=theirs.id)
    audit.record(session, ann, "set_switch", ours)

    def ids(team_id: int | None, **wanted: object) -> list[int]:
        return [entry.id for entry in audit.read(session, team_id, Filter(**wanted)).entries]  # type: ignore[arg-type]

    assert ids(ours.id) == [3, 2, 1]
    assert ids(theirs.id) == [4]
    assert ids(None) == [5]
    assert ids(ours.id, actor_id=bob.id) == [3]
    assert ids(ours.id, actor_id=0) == [2]
    assert ids(ours.id, action="edit_team", day=date(2026, 6, 1)) == [1]
    assert ids(ours.id, thing="organiser") == [2]
    assert audit.read(session, ours.id, Filter(thing="organiser")).entries[0].person == bob
    assert audit.choices(session, ours.id).people == {0: None, ann.id: ann, bob.id: bob}


def test_pages_of_entries_follow_each_other_without_a_gap(session: Session) -> None:
    team = make_team(session)
    for _time in range(7):
        audit.record(session, None, "edit_team", team, team_id=team.id)

    before, pages = None, []
    while True:
        page = audit.read(session, team.id, Filter(), before=before, limit=3)
        pages.append([entry.id for entry in page.entries])
        before = page.older
        if before is None:
            break

    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


def test_whoever_deleted_their_account_is_a_former_member(session: Session) -> None:
    ann, team = make_organiser(session), make_team(session)
    audit.record(session, ann, "edit_team", team, team_id=team.id)
    number = ann.id
    session.delete(ann)
    session.commit()

    (entry,) = audit.read(session, team.id, Filter()).entries

    assert (entry.actor, entry.actor_id) == (None, number)


@pytest.mark.parametrize("value", ["x" * 5000, "é" * 5000])
def test_values_are_told_in_short(session: Session, value: str) -> None:
    team = make_team(session)
    audit.record(session, None, "edit_team", team, team_id=team.id, new=value)

    (entry,) = audit.read(session, team.id, Filter()).entries

    assert entry.new == value[:300]
    assert entry.at <= clock.now()
