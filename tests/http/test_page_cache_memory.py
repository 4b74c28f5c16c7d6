"""The page cache takes as much memory as it says, and no more, whatever readers ask for."""

import gc
import random
import string
import tracemalloc

import pytest
from werkzeug.test import Client

from petition.http import page_cache
from petition.http.page_cache import PageCache
from tests.http.conftest import BADGE, PAGE


def noise(letters: int) -> str:
    return "".join(random.choices(string.ascii_letters, k=letters))


def attack(reader: Client, requests: int) -> None:
    """Ask for pages as somebody does who wants to fill the memory."""
    for number in range(requests):
        reader.get(f"{BADGE}?label={noise(60)}")
        reader.get(f"{BADGE}?label={number}{noise(60_000 if number % 50 == 0 else 600)}")
        reader.get(f"{PAGE}?{noise(600)}", headers={"Accept-Encoding": noise(600)})
        reader.get(f"/unknown/{noise(600)}", headers={"Accept-Encoding": noise(100)})
        reader.get(f"/pages/{noise(200)}", headers={"If-None-Match": noise(600)})


def test_memory_is_bounded_whatever_readers_ask_for(
    cache: PageCache, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "MAX_BYTES", 500_000)
    attack(reader, 150)
    gc.collect()
    tracemalloc.start()
    before, size = tracemalloc.get_traced_memory()[0], cache.size

    attack(reader, 150)
    gc.collect()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert 400_000 < size <= 500_000 and 400_000 < cache.size <= 500_000
    assert cache.size == sum(response.size for response in cache.responses.values())
    # All that was traced since is in the place of what was there before, and there is no more of it.
    assert growth <= 1.1 * cache.size


def test_the_size_is_honest(cache: PageCache, reader: Client) -> None:
    attack(reader, 20)
    gc.collect()
    tracemalloc.start()
    before, size = tracemalloc.get_traced_memory()[0], cache.size

    attack(reader, 200)
    gc.collect()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert 0.9 * growth <= cache.size - size <= 1.5 * growth


def test_the_page_that_was_longest_not_asked_for_is_dropped_first(
    cache: PageCache, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        reader.get(f"/pages/{name}")
    monkeypatch.setattr(page_cache, "MAX_BYTES", cache.size)

    reader.get("/pages/a")
    reader.get("/pages/d")

    assert [path for path, _query in cache.responses] == ["/pages/c", "/pages/a", "/pages/d"]
