"""The documentation says what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path
from tomllib import loads

import click
import pytest
from pydantic import SecretStr

from petition.cli.main import cli
from petition.config import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATING = (ROOT / "docs" / "operating.md").read_text()
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def shown(default: object) -> str:
    """Give a default as the documentation writes it."""
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    return f"`{str(plain).lower() if isinstance(plain, bool) else plain}`" if plain not in ("", ()) else "–"


SETTINGS = {f"PETITION_{name.upper()}": shown(field.get_default()) for name, field in Settings.model_fields.items()}


def test_each_setting_stands_in_the_documentation_with_its_default() -> None:
    table = dict(re.findall(r"^\| `(PETITION_\w+)` \| (\S+) \|", OPERATING, re.MULTILINE))

    assert table == SETTINGS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_documentation_names_no_setting_that_is_not_there(path: Path) -> None:
    named = set(re.findall(r"\bPETITION_[A-Z_]+\b", path.read_text()))

    assert named <= SETTINGS.keys()


def test_the_example_of_settings_has_them_all_and_no_other() -> None:
    named = re.findall(r"^#?(PETITION_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(SETTINGS)


def test_each_command_stands_in_the_documentation() -> None:
    table = set(re.findall(r"^\| `petition ([\w -]+)` \|", OPERATING, re.MULTILINE))

    assert set(commands(cli)) == table


def commands(group: click.Group, *before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield " ".join([*before, name])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_the_documentation_tells_to_make_can_be_made(path: Path) -> None:
    told = set(re.findall(r"(?:`|^\$ |&& )make ([a-z]+)", path.read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert told <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)", path.read_text())
    broken = [f"{file}#{anchor}" for file, anchor in links if not leads_somewhere(path, file, anchor)]

    assert broken == []


def leads_somewhere(page: Path, file: str, anchor: str) -> bool:
    target = page.parent / file if file else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """Give the anchors that the headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_changelog_knows_this_version_or_what_comes_next() -> None:
    version = loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.search(rf"^## (Unreleased|{re.escape(version)})\b", CHANGELOG, re.MULTILINE)


def test_decisions_are_numbered_without_a_gap_and_say_what_follows() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        assert re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE) == ["Context", "Decision", "Consequences"]
