"""The Europeana APIs are asked within limits, and whatever they answer is read or refused."""

import json
import threading
import time
from typing import Any

import pytest

from petition.lib import europeana, europeana_records
from petition.lib.europeana import EuropeanaAway, Reason
from tests.europeana_stub import FAULTS, KEY, FaultyStub, stub, wait_until

__all__ = ["stub"]

QUOTA = {"429", "429 without headers"}
REFUSED = {"401", "400 for the key", "403"}


def test_objects_are_found_with_their_rights_and_their_institution(stub: FaultyStub) -> None:
    (found,) = europeana.search("portrait reader")

    assert found.europeana_id == "/9999999/stub_0001"
    assert found.titles == {"en": "Portrait of a reader", "nl": "Portret van een lezer"}
    assert (found.creator, found.dates, found.data_provider) == (
        "Ada Lindqvist-Morel",
        "1889",
        "Demo Museum of Letters",
    )
    assert found.rights == "http://creativecommons.org/publicdomain/mark/1.0/"
    assert found.source_url == "https://museum.example/objects/9999999/stub_0001"


def test_people_are_found_by_the_beginning_of_a_name_in_any_language(stub: FaultyStub) -> None:
    (found,) = europeana.suggest("Άντα", "el")

    assert found.europeana_id == "/agent/999001" and found.titles["el"].startswith("Άντα")
    assert found.dates == "1850–1900" and found.picture_of == "/9999999/stub_0001"


def test_signs_and_words_of_the_query_language_are_taken_as_what_they_say(stub: FaultyStub) -> None:
    europeana.search('title:"x" OR NOT [a TO b] /re/')

    assert "title%5C%3A%5C%22x%5C%22+or+not+%5C%5Ba+to+b%5C%5D+%5C%2Fre%5C%2F" in stub.asked[0][0]


def test_the_key_travels_in_a_header_and_is_in_nothing_that_comes_back(stub: FaultyStub) -> None:
    found = [*europeana.search("portrait"), europeana.fetch("/9999999/stub_0001").record]

    assert all(KEY not in path and headers["x-api-key"] == KEY for path, headers in stub.asked)
    assert KEY not in repr(found)


def test_the_key_is_taken_out_of_any_field_that_repeats_it(stub: FaultyStub) -> None:
    stub.objects["/9999999/stub_0001"]["institution"] = f"Museum {KEY}"
    stub.objects["/9999999/stub_0001"]["titles"] = {"en": f"Portrait of {KEY}"}

    assert KEY not in repr(europeana.search("portrait"))
    assert KEY not in repr(europeana.fetch("/9999999/stub_0001"))


def test_a_thumbnail_is_asked_for_without_the_key(stub: FaultyStub) -> None:
    (found,) = europeana.search("portrait")

    assert (europeana.thumbnail(found.thumbnail) or b"").startswith(b"\xff\xd8")
    assert "x-api-key" not in stub.asked[-1][1]
    assert europeana.thumbnail("0" * 32) is None


@pytest.mark.parametrize("local", ["stub_0001", "stub_0002"])
def test_who_has_an_object_is_read_from_a_text_an_object_or_an_identifier(stub: FaultyStub, local: str) -> None:
    found = europeana.fetch(f"/9999999/{local}")

    assert found.record and found.record.data_provider.startswith("Demo ")
    assert found.record == europeana.search(local.replace("stub_0001", "letters").replace("stub_0002", "coast"))[0]
    assert europeana.fetch(f"/9999999/{local}", found.etag).is_same


def test_what_was_deleted_or_never_was_is_none(stub: FaultyStub) -> None:
    stub.objects["/9999999/stub_0001"]["is_deleted"] = True

    assert europeana.fetch("/9999999/stub_0001").record is None
    assert europeana.fetch("/9999999/none").record is None
    assert europeana.fetch("/agent/1").record is None


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_in_time_and_with_its_reason(stub: FaultyStub, fault: str, capfd: Any) -> None:
    stub.fault = fault
    begun = time.monotonic()

    with pytest.raises(EuropeanaAway) as away:
        europeana.search("portrait", seconds=0.5)

    assert time.monotonic() - begun < 2.5
    expected = Reason.QUOTA if fault in QUOTA else Reason.KEY_REFUSED if fault in REFUSED else Reason.AWAY
    assert away.value.reason == expected
    assert KEY not in "".join(capfd.readouterr())
    assert not any("169.254" in path or "passwd" in path for path, _headers in stub.asked)


@pytest.mark.parametrize("fault", ["drip", "drip headers"])
def test_what_comes_in_drops_ends_with_its_thread(stub: FaultyStub, fault: str) -> None:
    stub.fault = fault

    with pytest.raises(EuropeanaAway):
        europeana.search("portrait", seconds=0.3)

    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name == "http-client"])


def test_after_three_failures_nothing_is_asked_for_a_while(stub: FaultyStub) -> None:
    stub.fault = "503"
    for _ in range(5):
        with pytest.raises(EuropeanaAway):
            europeana.search("portrait")

    assert len(stub.asked) == 3
    # Another service may be well.
    stub.fault = ""
    assert europeana.suggest("ada", "en")


@pytest.mark.parametrize("fault", ["429", "401"])
def test_a_quota_that_is_used_up_and_a_key_that_is_refused_are_asked_for_once(stub: FaultyStub, fault: str) -> None:
    stub.fault = fault
    for _ in range(3):
        with pytest.raises(EuropeanaAway):
            europeana.search("portrait")

    assert len(stub.asked) == 1


def test_a_question_that_they_refuse_finds_nothing_and_stops_nobody(stub: FaultyStub) -> None:
    for _ in range(5):
        assert europeana.search("   ") == []

    assert europeana.search("portrait")


def test_the_quota_is_what_the_api_names(stub: FaultyStub) -> None:
    stub.quota = 240

    europeana.search("portrait")

    assert europeana.quota() == 240


def test_no_more_than_two_are_asked_at_once_and_the_rest_is_refused_at_once(stub: FaultyStub) -> None:
    stub.fault = "slow"
    outcomes: list[float] = []

    def ask() -> None:
        begun = time.monotonic()
        with pytest.raises(EuropeanaAway):
            europeana.search("portrait", seconds=2)
        outcomes.append(time.monotonic() - begun)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stub.asked) == 2 and sum(seconds < 1 for seconds in outcomes) == 10


def test_without_a_key_nobody_is_asked(stub: FaultyStub) -> None:
    europeana.configure(stub.url, "")

    with pytest.raises(EuropeanaAway) as away:
        europeana.search("portrait")

    assert away.value.reason == Reason.NO_KEY and stub.asked == []


def test_a_host_that_is_not_there_is_away() -> None:
    europeana.configure("http://127.0.0.1:1", KEY)

    with pytest.raises(EuropeanaAway):
        europeana.search("portrait")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/9999999/stub_0001", "/9999999/stub_0001"),
        ("/09102/_CM_0839888", "/09102/_CM_0839888"),
        ("https://www.europeana.eu/item/9999999/stub_0001?utm_source=api", "/9999999/stub_0001"),
        ("https://www.europeana.eu/fr/item/9999999/stub_0001#top", "/9999999/stub_0001"),
        ("www.europeana.eu/en/item/9999999/stub_0001", "/9999999/stub_0001"),
        ("http://data.europeana.eu/item/9999999/stub_0001", "/9999999/stub_0001"),
        ("http://data.europeana.eu/agent/base/60497", "/agent/60497"),
        ("https://www.europeana.eu/en/collections/person/60497-frida-kahlo", "/agent/60497"),
        ("https://www.europeana.eu/de/collections/topic/190", None),
        ("https://evil.example/item/9999999/stub_0001", None),
        ("https://www.europeana.eu.evil.example/item/9999999/stub_0001", None),
        ("https://user@evil.example/www.europeana.eu/item/9/a", None),
        ("javascript://www.europeana.eu/item/9/a", None),
        ("http://[europeana.eu/item/9/a", None),
        ("/9999999/../search", None),
        ("Frida Kahlo", None),
        ("", None),
    ],
)
def test_what_people_paste_is_understood_if_it_is_from_europeana(text: str, found: str | None) -> None:
    assert europeana_records.find_id(text) == found


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"id": "/1/a"},
        {"id": ["/1/a"], "title": "not a list"},
        {"id": "/1/a", "title": [None, 7, "Old"], "dcCreator": "x", "rights": "javascript:alert(1)", "edmPreview": 5},
        {"id": "/1/a", "dcTitleLangAware": {"xx": ["Unknown tongue"]}, "dcCreatorLangAware": [1], "provider": {}},
        {"id": "/1/a", "dcTitleLangAware": {"def": ["\u202eevil\x00" + "é" * 20_000]}, "year": {"a": 1}},
        {"id": "/1/a", "title": ["t"], "dcCreatorLangAware": {"def": ["http://data.europeana.eu/agent/1"]}},
        {"id": "/1/a", "title": ["t"], "edmIsShownAt": ["http://["], "rights": ["https://x.example/" + "a" * 900]},
    ],
)
def test_missing_fields_other_shapes_and_hostile_texts_are_read_or_passed_over(item: dict[str, Any]) -> None:
    found = europeana_records.from_search(item)

    if found:
        assert all(0 < len(title) <= 256 and "\u202e" not in title for title in found.titles.values())
        assert found.rights == "" and found.source_url == "" and not found.creator.startswith("http")


def test_records_and_people_of_any_shape_are_read_or_passed_over() -> None:
    shapes: list[Any] = [None, 7, "text", [], [None], {}, {"def": None}, {"def": [{"prefLabel": 3}]}, [{"about": 1}]]
    fields = ("about", "title", "proxies", "aggregations", "organizations", "agents", "europeanaAggregation")
    for field in fields:
        for shape in shapes:
            thing = {"about": "/1/a", "title": ["t"], field: shape}
            europeana_records.from_record(json.loads(json.dumps({"object": thing})))
    for field in ("id", "prefLabel", "dateOfBirth", "isShownBy"):
        for shape in shapes:
            europeana_records.from_entity(
                {"id": "http://data.europeana.eu/agent/1", "prefLabel": {"en": "A"}, field: shape}
            )
