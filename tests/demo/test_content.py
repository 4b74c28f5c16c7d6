"""The demo content is complete, sourced, labelled, and small enough for the page."""

import gzip
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from petition.lib.accents import ACCENTS

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "petition" / "demo"
STATIC = ROOT / "static"
LANGUAGES = ("en", "fr", "de")
CALLS = ("keep-culture-open", "keep-culture-open-2013")
TOLD = ("europeana-dreams", "i-am-europeana", "good-practice")
PHASES = ("love-transcribathon", "world-poetry-day", "world-book-day")
CAMPAIGNS = ("allezculture", "allezliterature")
TEXT = ("title", "ask", "body", "thanks", "share_text", "image_alt", "notice")
STORY = ("outcome", "reported_total", "reported_source")
PICTURE = ("file", "credit", "licence", "licence_url")
LABEL = {
    "en": "Initiative nor a petition to the Parliament",
    "fr": "et non une initiative citoyenne européenne ni une pétition",
    "de": "keine Europäische Bürgerinitiative und keine Petition",
}
DEMONSTRATION = {"en": "demonstration", "fr": "démonstration", "de": "Demonstration"}


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((DEMO / f"{name}.toml").read_text(encoding="utf-8"))


def words(markdown: str) -> int:
    return len(re.sub(r"\]\([^)]*\)", "]", markdown).split())


@pytest.mark.parametrize(("name", "hashtag"), list(zip(CAMPAIGNS, ("#AllezCulture", "#AllezLiterature"), strict=True)))
def test_a_campaign_is_told_in_three_languages(name: str, hashtag: str) -> None:
    campaign = load(name)

    assert (campaign["slug"], campaign["hashtag"]) == (name, hashtag)
    assert campaign["accent"] in ACCENTS
    assert tuple(campaign["texts"]) == LANGUAGES
    for text in campaign["texts"].values():
        assert set(text) == {"title", "summary", "body"}
        assert all(part.strip() for part in text.values())


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_told_in_three_languages_with_nothing_left_empty(name: str) -> None:
    call = load(name)

    assert (call["slug"], call["campaign"], call["kind"]) == (name, "allezculture", "petition")
    assert tuple(call["texts"]) == LANGUAGES
    assert call["language"] in LANGUAGES
    for text in call["texts"].values():
        assert {*TEXT, "addressees"} <= set(text) <= {*TEXT, *STORY, "addressees"}
        assert all(one["name"].strip() for one in text["addressees"])
        assert all(text[part].strip() for part in TEXT)
        assert "\n" not in text["title"] and len(text["title"]) <= 90
        assert 250 <= words(text["body"]) <= 400


@pytest.mark.parametrize("name", [*TOLD, *PHASES])
def test_a_call_for_stories_asks_its_question_in_three_languages_and_says_that_it_is_a_demonstration(name: str) -> None:
    call = load(name)

    assert call["slug"] == name and call["campaign"] in CAMPAIGNS
    assert tuple(call["texts"]) == LANGUAGES
    for language, text in call["texts"].items():
        assert all(text[part].strip() for part in ("title", "ask", "thanks", "share_text", "notice", "story_prompt"))
        assert len(text["title"]) <= 90 and text["addressees"]
        assert 80 <= words(text["body"]) <= 400
        assert DEMONSTRATION[language].lower() in (text["notice"] + text["body"]).lower()
    if name in PHASES:
        assert call["closes_at"] == datetime(2017, 7, 1, tzinfo=UTC)
        assert "signatures" not in call


def test_the_three_dreams_of_2013_are_quoted_with_who_said_them_and_where() -> None:
    call = load("europeana-dreams")

    for text in call["texts"].values():
        for who in ("Jon Voss, Historypin", "Lizzy Jongma, Rijksmuseum", "Àlex Hinojo"):
            assert re.search(
                rf"> {who}, (for|pour|für) \[Europeana Dreams\]\(https://dreams.europeana.eu/\), 2013", text["body"]
            )


def test_the_stories_are_many_in_many_languages_and_each_says_wherever_it_is_shown_that_it_is_made_up() -> None:
    told = [one for name in (*TOLD, "keep-culture-open") for one in load(name)["signatures"] if "story" in one]
    shown = [one for one in told if one.get("story_state", "approved") in {"approved", "featured"}]

    assert len(shown) >= 40 and len({one["story"] for one in told}) == len(told)
    assert len({one["language"] for one in shown}) >= 15 and {"el", "bg"} <= {one["language"] for one in shown}
    assert {one["licence"] for one in shown} == {"cc-by", "cc-by-sa", "cc0", "here-only"}
    assert {one.get("story_state") for one in told} == {None, "featured", "waiting", "refused", "change-asked"}
    for one in told:
        assert one["credit"] == f"{one['name']} (demo)"
    for name in TOLD:
        assert all("(demo)" in text["notice"] for text in load(name)["texts"].values())


@pytest.mark.parametrize("name", [*CAMPAIGNS, *CALLS, *TOLD, *PHASES])
def test_every_link_is_https_and_the_same_sources_stand_in_every_language(name: str) -> None:
    source = (DEMO / f"{name}.toml").read_text(encoding="utf-8")
    texts = load(name)["texts"]
    links = {language: set(re.findall(r"\]\(([^)]*)\)", text["body"])) for language, text in texts.items()}

    assert "http://" not in source
    assert all(link.startswith("https://") for found in links.values() for link in found)
    assert len(links["en"]) >= (2 if name == "allezliterature" else 3)
    assert links["en"] == links["fr"] == links["de"]


@pytest.mark.parametrize("name", [*CAMPAIGNS, *CALLS, *TOLD, *PHASES])
def test_the_typography_is_that_of_the_language(name: str) -> None:
    for language, text in load(name)["texts"].items():
        words = [part for name, part in text.items() if name not in {"reported_source", "addressees"}]
        words += [one["name"] for one in text.get("addressees", [])]
        prose = re.sub(r"\]\([^)]*\)", "]", "\n".join(words))
        assert "'" not in prose and '"' not in prose
        if language == "fr":
            assert not re.search(r"[^\u00a0\u202f][:;!?»]|«[^\u00a0]", prose)
        else:
            assert not re.search(r"\s[:;!?]", prose)
        if language == "de":
            assert prose.count("„") == prose.count("“") and "”" not in prose


def test_the_call_of_2013_is_closed_and_its_number_has_a_source_and_a_warning() -> None:
    call = load("keep-culture-open-2013")

    assert call["opens_at"] == datetime(2013, 6, 1, tzinfo=UTC)
    assert call["closes_at"] == datetime(2013, 11, 1, tzinfo=UTC)
    assert call["partner_reported"] == 7500
    assert "signatures" not in call
    for text in call["texts"].values():
        assert re.search(r"7[.,\u202f]500", text["reported_total"])
        assert text["reported_source"].startswith("https://")
        assert "1" in text["outcome"] and "2013" in text["outcome"] and "](https://" in text["outcome"]
        assert "2013" in text["notice"]


def test_the_open_call_says_that_it_is_a_demonstration_and_what_kind_of_petition_it_is() -> None:
    call = load("keep-culture-open")

    assert call["opens_at"] == datetime(2026, 6, 1, tzinfo=UTC)
    assert "closes_at" not in call
    assert call["partner_reported"] == 0
    for language, text in call["texts"].items():
        assert LABEL[language] in text["body"] and "PETI" in text["body"]
        assert DEMONSTRATION[language] in text["notice"] and DEMONSTRATION[language] in text["body"]
        assert "12" in text["notice"] and "Imaginary" in text["notice"]
        assert not any(part in text for part in STORY)


def test_the_made_up_supporters_are_few_and_each_name_says_so_even_when_shortened() -> None:
    signatures = load("keep-culture-open")["signatures"]

    assert len(signatures) == 12
    assert len({signature["name"] for signature in signatures}) == 12
    assert {signature["language"] for signature in signatures} == set(LANGUAGES)
    assert {signature["show_name"] for signature in signatures} == {True, False}
    for signature in signatures:
        first, last = signature["name"].split(" ")
        assert re.fullmatch(r"Imaginary|Imaginaire|Imaginärer?", first) and last[0].isupper()
        assert re.fullmatch(r"[A-Z]{2}|", signature["country"])
        assert isinstance(signature["hours_ago"], int) and signature["hours_ago"] > 0


@pytest.mark.parametrize("name", CALLS)
def test_the_pictures_are_there_credited_and_light(name: str) -> None:
    call = load(name)
    image = call["image"]
    drawing = (STATIC / image["file"]).read_bytes()

    assert all(image[key] for key in PICTURE)
    assert image["licence_url"].startswith("https://")
    assert (image["width"], image["height"]) == (1200, 630)
    assert len(gzip.compress(drawing)) <= 15_000
    assert not re.search(rb"<script|<image|href|url\((?!#)|\son\w+=", drawing)
