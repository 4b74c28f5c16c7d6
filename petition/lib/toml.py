"""TOML, version 1.0, as people write and read it: tables as text, and the line on which each key stands."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
# What TOML lets stand in a literal string of several lines.
_LITERAL = re.compile(r"[\t\n\x20-\x7e\x80-\U0010ffff]*")

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=\s*(.*)")


def dumps(table: Mapping[str, Any], *, comment: str = "") -> str:
    """Return a table as TOML: its values, then its tables in their order, each under its header; None is left out.

    Values are texts, numbers, booleans and aware moments, which are written in UTC; lists hold tables. A text of
    several lines is a block in which nothing is escaped, unless it holds what only an escape can say.
    """
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    _add(lines, table, ())
    return "\n".join(lines).strip("\n") + "\n"


def _add(lines: list[str], table: Mapping[str, Any], path: tuple[str, ...]) -> None:
    lines += [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not _has_header(value)]
    for name, value in table.items():
        inner = ".".join(_key(part) for part in (*path, name))
        if isinstance(value, Mapping):
            has_values = any(not _has_header(one) for one in value.values())
            lines += ["", f"[{inner}]"] if has_values else []
            _add(lines, value, (*path, name))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for one in value:
                lines += ["", f"[[{inner}]]"]
                _add(lines, one, (*path, name))


def _has_header(value: object) -> bool:
    return value is None or isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    if "\n" in text and "'''" not in text and not text.endswith("'") and _LITERAL.fullmatch(text):
        return f"'''\n{text}'''"
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    is_control = letter < " " or "\x7f" <= letter <= "\x9f"
    return _ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if is_control else letter)


def key_lines(source: str) -> dict[Path, int]:
    """Return the number of the line, from 1, on which each key and table of a valid TOML document stands.

    A path is as one would walk through what ``tomllib`` returns: ``("texts", "en", "addressees", 0, "name")``. What
    stands in an inline table has no line of its own.
    """
    found: dict[Path, int] = {}
    table: Path = ()
    lengths: dict[Path, int] = {}
    end = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if end:
            end = "" if end in line else end
        elif header := _HEADER.match(line):
            table = _resolve(_parts(header[2]), lengths, is_new=header[1] == "[[")
            for length in range(1, len(table) + 1):
                found.setdefault(table[:length], number)
        elif assignment := _ASSIGNMENT.match(line):
            found[(*table, *_parts(assignment[1]))] = number
            quotes = assignment[2][:3]
            end = quotes if quotes in {"'''", '"""'} and quotes not in assignment[2][3:] else ""
    return found


def line_of(lines: Lines, path: Path) -> int:
    """Return the line of a key, or of the nearest thing around it."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))


def _resolve(parts: Path, lengths: dict[Path, int], *, is_new: bool) -> Path:
    """Return the path of a table with the numbers of the lists of tables in which it stands."""
    path: Path = ()
    for position, part in enumerate(parts, start=1):
        path = (*path, part)
        if is_new and position == len(parts):
            lengths[path] = lengths.get(path, 0) + 1
        if path in lengths:
            path = (*path, lengths[path] - 1)
    return path
