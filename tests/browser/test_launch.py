"""A new organiser goes from the link that the command prints to an open call in two languages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.servers import Running

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WIDE = {"viewport": {"width": 1280, "height": 900}}

ENGLISH = {
    "addressee0-name": "The city council",
    "ask": "Open all reading rooms on Sundays from March.",
    "body": "## Why\n\nBecause people work all week, and read on Sundays.",
    "share_text": "Reading rooms on Sundays: I signed.",
}
FRENCH = {
    "title": "Ouvrez les salles de lecture le dimanche",
    "addressee0-name": "Le conseil municipal",
    "ask": "Ouvrez toutes les salles de lecture le dimanche dès mars.",
    "body": "## Pourquoi\n\nParce que la semaine, on travaille.",
    "share_text": "Salles de lecture le dimanche : j’ai signé.",
}

# A person's pace: 40 words a minute on a phone, 3 s to find what to press, 2 s to find where to type.
CHARACTERS_PER_SECOND, SECONDS_PER_CLICK, SECONDS_PER_FIELD = 3.3, 3, 2


@dataclass
class Person:
    """Somebody at a page, with a finger or with nothing but a keyboard; what they do is counted."""

    page: Page
    has_keyboard_only: bool = False
    clicks: int = 0
    fields: int = 0
    characters: int = 0

    def press(self, what: Locator) -> None:
        """Press a button or a link."""
        self.clicks += 1
        if self.has_keyboard_only:
            self._tab_to(what)
            self.page.keyboard.press("Enter")
            self.page.wait_for_load_state()
        else:
            what.click()

    def write(self, name: str, text: str) -> None:
        """Type into the field of this name."""
        self.fields, self.characters = self.fields + 1, self.characters + len(text)
        field = self.page.locator(f"[name='{name}']")
        if self.has_keyboard_only:
            self._tab_to(field)
            self.page.keyboard.insert_text(text)
        else:
            field.fill(text)

    def choose(self, name: str, label: str) -> None:
        """Choose from the list of this name: two clicks, or the first letters."""
        self.clicks += 2
        field = self.page.locator(f"select[name='{name}']")
        if self.has_keyboard_only:
            self._tab_to(field)
            self.page.keyboard.type(label)
        else:
            field.select_option(label=label)

    @property
    def seconds(self) -> float:
        """How long all of it takes at a person's pace."""
        typing = self.characters / CHARACTERS_PER_SECOND
        return typing + self.clicks * SECONDS_PER_CLICK + self.fields * SECONDS_PER_FIELD

    def _tab_to(self, what: Locator) -> None:
        for _ in range(150):
            if what.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"the key Tab does not lead to {what}")


@pytest.mark.parametrize(
    ("name", "options", "has_keyboard_only"),
    [
        ("phone", PHONE, False),
        ("plain-phone", PHONE | {"java_script_enabled": False}, False),
        ("keyboard", WIDE, True),
    ],
    ids=["on a phone", "without JavaScript", "by keyboard only"],
)
def test_a_new_organiser_launches_a_call_in_two_languages(
    demo: Running, new_page: Callable[..., Page], name: str, options: dict[str, Any], has_keyboard_only: bool
) -> None:
    operator = replace(demo, environment=demo.environment | {"PETITION_DEMO": "true"})
    printed = operator.command("create-owner", f"{name}@museum.example", "--team", f"Museum {name}")
    page = new_page(**options)
    person, main = Person(page, has_keyboard_only), page.get_by_role("main")
    page.goto(printed.stdout.strip())

    person.write("name", "Ann Keeper")
    person.write("password", "seven quiet herons wade")
    person.press(main.get_by_role("button", name="Accept and sign in"))
    person.press(main.get_by_role("link", name="Start a campaign"))
    person.write("title", f"Open the reading rooms, {name}")
    person.write("hashtag", "#ReadOn")
    person.press(main.get_by_role("button", name="Start the campaign"))
    person.write("title", f"Open the reading rooms on Sundays, {name}")
    person.choose("other_language", "français")
    person.press(main.get_by_role("button", name="Start writing"))
    for language, words in {"en": ENGLISH, "fr": FRENCH}.items():
        for field, text in words.items():
            person.write(f"{language}-{field}", text)
    person.press(main.get_by_role("button", name="Save and go on"))
    person.press(main.get_by_role("link", name="Check and publish"))
    person.press(main.get_by_role("button", name="Publish"))
    expect(main.get_by_text("It is published. The public sees it now.")).to_be_visible()

    assert person.clicks <= 12
    assert person.seconds <= 5 * 60
    public = main.get_by_role("link", name="Public page").get_attribute("href") or ""
    for language, ask in {"en": ENGLISH["ask"], "fr": FRENCH["ask"]}.items():
        page.goto(demo.url + re.sub(r"^/\w+/", f"/{language}/", public))
        expect(page.get_by_role("main")).to_contain_text(ask)
        expect(page.locator("form#sign input[name=email]")).to_be_visible()
    print(f"{name}: {person.clicks} clicks, {person.fields} fields, {person.seconds:.0f} s at a person's pace")
