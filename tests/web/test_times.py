"""Moments are shown by the clocks of a team, whose zone is named."""

from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string

SUMMER, WINTER = datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "moment", "zone", "words"),
    [
        ("en", SUMMER, "Europe/Paris", "1 June 2026, 14:00 (Paris)"),
        ("fr", SUMMER, "Europe/Paris", "1 juin 2026, 14:00 (Paris)"),
        ("de", WINTER, "Europe/Athens", "1. Januar 2027, 01:30 (Athen)"),
        ("en", WINTER, "UTC", "31 December 2026, 23:30 UTC"),
    ],
)
def test_a_moment_is_shown_by_the_clocks_of_a_zone(
    app: Flask, language: str, moment: datetime, zone: str, words: str
) -> None:
    with app.test_request_context(f"/{language}/"):
        shown = render_template_string("{{ moment|in_zone(zone) }}", moment=moment, zone=zone)

    assert " ".join(shown.split()) == words
