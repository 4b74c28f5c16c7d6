"""What supporters chose in Europeana is fetched within the quota, shown while its rights allow that, and forgotten."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import item_upkeep, items
from petition.jobs.items import forget_items, refresh_items
from petition.lib import europeana, media_store
from petition.models import Item, ItemSearch, ItemState
from tests.conftest import StoppedClock
from tests.europeana_stub import KEY, FaultyStub, stub

__all__ = ["stub"]

READER = "/9999999/stub_0001"
IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"


@pytest.fixture(autouse=True)
def _media(tmp_path: Path) -> None:
    media_store.configure(tmp_path / "media")


def _chosen(session: Session, europeana_id: str = READER) -> Item:
    items.choose(session, europeana_id)
    session.commit()
    found = items.find(session, europeana_id)
    assert found
    return found


def _shown(item: Item) -> bool:
    return item.shows_picture


def _files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "media").glob("*"))


def test_what_was_named_by_its_address_alone_is_fetched_with_its_picture(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, tmp_path: Path
) -> None:
    item = _chosen(session)

    assert refresh_items(session) == 1

    assert item.state == ItemState.KNOWN and item.title("fr") == ("Portrait of a reader", "en")
    assert (item.data_provider, item.provider) == ("Demo Museum of Letters", "Demo Aggregator")
    assert item.shows_picture and _files(tmp_path) == [f"{item.picture}.jpg", f"{item.picture}.webp"]
    made = Image.open(BytesIO(media_store.read(f"{item.picture}.webp") or b""))
    assert made.size == (item.picture_width, item.picture_height) and made.format == "WEBP"
    assert refresh_items(session) == 0


def test_a_person_has_the_picture_the_rights_and_the_credit_of_an_object(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub
) -> None:
    painter, fiddler = _chosen(session, "/agent/999001"), _chosen(session, "/agent/999004")

    refresh_items(session)

    assert painter.shows_picture and painter.picture_of == READER and painter.dates == "1850–1900"
    assert painter.data_provider == "Demo Museum of Letters"
    assert not fiddler.picture and fiddler.statement.name == "In Copyright"
    assert not any("thumbnail" in path for path, _headers in stub.asked[-2:])


def test_a_picture_goes_when_its_rights_change_and_comes_back_with_them(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, tmp_path: Path
) -> None:
    item = _chosen(session)
    refresh_items(session)
    assert _shown(item)

    stub.objects[READER]["rights"] = IN_COPYRIGHT
    stopped_clock.tick(days=1)
    refresh_items(session)
    assert item.picture is None and not _shown(item) and _files(tmp_path) == []

    stub.objects[READER]["rights"] = "http://creativecommons.org/licenses/by/4.0/"
    stopped_clock.tick(days=1)
    refresh_items(session)
    assert _shown(item) and len(_files(tmp_path)) == 2


def test_the_picture_of_a_person_goes_when_the_rights_of_its_object_change(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, tmp_path: Path
) -> None:
    painter = _chosen(session, "/agent/999001")
    refresh_items(session)
    assert _shown(painter)

    stub.objects[READER]["rights"] = IN_COPYRIGHT
    stopped_clock.tick(days=1)
    refresh_items(session)

    assert not _shown(painter) and _files(tmp_path) == []


def test_what_europeana_deleted_loses_its_picture(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, tmp_path: Path
) -> None:
    item = _chosen(session)
    refresh_items(session)

    stub.objects[READER]["is_deleted"] = True
    stopped_clock.tick(days=1)
    refresh_items(session)

    assert item.state == ItemState.GONE and _files(tmp_path) == []
    assert item.title("en")[0] == "Portrait of a reader"


def test_what_is_the_same_costs_one_small_answer(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub
) -> None:
    item = _chosen(session)
    refresh_items(session)
    asked = len(stub.asked)

    stopped_clock.tick(days=1)
    refresh_items(session)

    assert len(stub.asked) == asked + 1 and stub.asked[-1][1]["if-none-match"] == item.etag
    assert item.fetched_at == stopped_clock.now


def test_those_not_looked_at_for_longest_come_first_and_eight_in_a_minute(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub
) -> None:
    for number in range(10, 0, -1):
        stopped_clock.tick(seconds=1)
        _chosen(session, f"/9999999/stub_{number:04}")

    assert refresh_items(session) == 8

    left = session.scalars(select(Item.europeana_id).where(Item.state == ItemState.WAITING).order_by(Item.europeana_id))
    assert left.all() == ["/9999999/stub_0001", "/9999999/stub_0002"]


def test_no_more_than_half_of_the_quota_that_the_api_names_is_used_in_an_hour(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub
) -> None:
    stub.quota = 8
    for number in range(1, 7):
        _chosen(session, f"/9999999/stub_{number:04}")

    assert [refresh_items(session) for _minute in range(3)] == [4, 0, 0]
    assert stub.used == 4

    stopped_clock.tick(hours=1)
    assert refresh_items(session) == 2


@pytest.mark.parametrize("fault", ["503", "429", "401", "broken JSON", "redirect elsewhere", "reset"])
def test_a_fault_changes_nothing_of_what_is_known_and_is_tried_again_later(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, fault: str, tmp_path: Path
) -> None:
    item = _chosen(session)
    refresh_items(session)
    stopped_clock.tick(days=1)
    stub.fault = fault

    assert refresh_items(session) == 0

    assert item.state == ItemState.KNOWN and item.shows_picture and len(_files(tmp_path)) == 2
    assert item.due_at and stopped_clock.now < item.due_at <= stopped_clock.now + timedelta(minutes=5)


def test_pauses_after_failures_grow_to_a_day(session: Session, stopped_clock: StoppedClock, stub: FaultyStub) -> None:
    item = _chosen(session)
    pauses = []
    for _ in range(12):
        europeana.configure("http://127.0.0.1:1", KEY)
        assert item.due_at
        stopped_clock.stop(item.due_at)
        refresh_items(session)
        pauses.append(item.due_at - stopped_clock.now)

    assert pauses[0] <= timedelta(minutes=5) < pauses[3] and timedelta(hours=12) <= pauses[-1] <= timedelta(days=1)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\xff\xd8\xff\xe0broken"])
def test_a_thumbnail_that_is_no_picture_is_left_out(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("petition.cli.europeana_stub._picture", lambda _local, _side: content)
    item = _chosen(session)

    assert refresh_items(session) == 1
    assert item.state == ItemState.KNOWN and not item.shows_picture


def test_without_a_key_nothing_is_asked_and_nothing_is_lost(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub
) -> None:
    europeana.configure(stub.url, "")
    item = _chosen(session)

    assert refresh_items(session) == 0
    assert item.state == ItemState.WAITING and stub.asked == []


def test_one_item_is_for_one_worker_at_a_time(session: Session, stopped_clock: StoppedClock, app: Flask) -> None:
    _chosen(session)

    assert item_upkeep.claim(session)
    session.commit()
    assert item_upkeep.claim(session) is None
    stopped_clock.tick(minutes=11)
    assert item_upkeep.claim(session)


def test_what_nobody_chose_and_what_no_story_is_about_is_forgotten(
    session: Session, stopped_clock: StoppedClock, stub: FaultyStub, tmp_path: Path
) -> None:
    items.keep(session, items.search_key("a"), europeana.search("demo museum"))
    chosen = _chosen(session)
    refresh_items(session)

    stopped_clock.tick(days=3)
    assert forget_items(session) > 0
    assert session.scalars(select(Item)).all() == [chosen] and session.scalars(select(ItemSearch)).all() == []

    stopped_clock.tick(days=30)
    assert forget_items(session) == 1 and _files(tmp_path) == []
