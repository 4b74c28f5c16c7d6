"""A call as a file: what ``docs/content-format.md`` describes, read with all its faults, and written."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from werkzeug.datastructures import MultiDict

from petition.config import folder
from petition.forms.stories import FIELD_NAMES, KINDS
from petition.lib import checks, toml
from petition.lib.checks import Check
from petition.lib.languages import ENDONYMS
from petition.models import TEXT_FIELDS, CallContent, CallFile, CallKind, StoryWords, TextContent, moment

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Fault(NamedTuple):
    """What is wrong on a line, from 1."""

    line: int
    sentence: str


class WrongFile(ValueError):
    """Raised with all faults of a file, in the order of their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = sorted(faults)


def read(source: bytes) -> tuple[CallFile, toml.Lines]:
    """Return what a file in UTF-8 says, and on which line each key stands; raises WrongFile."""
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        raise WrongFile([Fault(source.count(b"\n", 0, error.start) + 1, "This is not UTF-8.")]) from None
    # As TOML reads it, and as people count lines.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Mostly TOMLDecodeError; numbers of thousands of digits and lists in thousands of lists raise the others.
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        raise WrongFile([Fault(line, f"This is not TOML: {_AT_LINE.sub('', str(error))}.")]) from None
    lines = toml.key_lines(text)
    return _Reader(lines).call(table), lines


def write(file: CallFile) -> str:
    """Return a file that ``read`` reads as the same; what is empty is left out."""
    content = file.content
    own_first = sorted(content["texts"], key=lambda language: (language != content["language"], language))
    table = {
        "slug": content["slug"],
        "campaign": file.campaign,
        "kind": content["kind"],
        "language": content["language"],
        "hashtag": content["hashtag"] or None,
        "opens_at": moment(content["opens_at"]),
        "closes_at": moment(content["closes_at"]),
        "goal": content["goal"],
        "partner_reported": content["partner_reported"] or None,
        "picture": file.picture or None,
        "image": {name: value for name, value in file.image.items() if value != ""},
        "texts": {language: _text_table(content["texts"][language]) for language in own_first},
    }
    return toml.dumps(table, comment="A call to action, as `petition import-call` reads it.")


def _text_table(text: TextContent) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name in (*(name for name in TEXT_FIELDS if name != "addressees"), "addressees"):
        value: Any = text.get(name)
        if isinstance(value, str) and value:
            value = value.strip("\n")
            written[name] = f"{value}\n" if "\n" in value else value
        elif value:
            written[name] = [{key: part for key, part in one.items() if part} for one in value]
    return written


class _Reader:
    """Looks at each key of a file, and gathers faults instead of stopping at the first."""

    def __init__(self, lines: toml.Lines) -> None:
        self._lines = lines
        self._faults: list[Fault] = []

    def call(self, table: dict[str, Any]) -> CallFile:
        """Return the whole file; raises WrongFile."""
        given = self._table(table, (), _CALL | dict.fromkeys(("texts", "image", "signatures"), _any), _REQUIRED)
        image = self._table(given.get("image", {}), ("image",), _IMAGE, ("file",) if "image" in given else ())
        content = {name: given.get(name, _DEFAULTS.get(name)) for name in CallContent.__annotations__}
        content["texts"] = self._texts(given.get("texts", {}), given.get("language"))
        opens_at, closes_at = moment(content["opens_at"]), moment(content["closes_at"])
        if closes_at and opens_at and closes_at <= opens_at:
            self._fault(("closes_at",), "It closes before it opens.")
        signatures = self._list(given.get("signatures", []), ("signatures",), _SIGNATURE | _STORY, tuple(_SIGNATURE))
        if given.get("kind"):
            for number, signature in enumerate(signatures):
                signature["told"] = self._told(signature, ("signatures", number), CallKind(given["kind"]))
        if self._faults:
            raise WrongFile(self._faults)
        typed = cast("CallContent", content)
        return CallFile(given["campaign"], typed, given.get("picture", ""), image, signatures)

    def _told(self, signature: dict[str, Any], path: toml.Path, kind: CallKind) -> StoryWords | None:
        """Return what was told with a made-up signature, checked by the form that people fill in, or None."""
        if "story" not in signature:
            return None
        fields = {name: signature.pop(name) for name in FIELD_NAMES if name in signature}
        form = KINDS[kind].fields(MultiDict({name: str(value) for name, value in fields.items()} | {"publish": "y"}))
        if not form.validate():
            for name, sentences in form.errors.items():
                self._fault((*path, str(name)), f"{name}: {next(iter(sentences))}")
        for name in fields.keys() - form._fields.keys():
            self._fault((*path, name), f"{name} is not a field of this kind.")
        return None if form.errors else form.words(kind, signature.get("language", ""))

    def _texts(self, tables: Any, language: object) -> dict[str, TextContent]:
        read = {}
        for code, table in self._named(tables, ("texts",)).items():
            path = ("texts", code)
            if code not in ENDONYMS:
                self._fault(path, f"{code} is not the code of a language of the European Union.")
            words = self._table(table, path, _TEXT | {"addressees": _any}, ())
            addressees = self._list(words.get("addressees", []), (*path, "addressees"), _ADDRESSEE, ("name",))
            named = [{"name": "", "kind": "institution", "url": ""} | one for one in addressees]
            if len(", ".join(one["name"] for one in named)) > 300:
                self._fault(
                    (*path, "addressees"), "The names of all addressees together are too long for one sentence."
                )
            read[code] = cast("TextContent", dict.fromkeys(TEXT_FIELDS, "") | words | {"addressees": named})
        if isinstance(language, str) and language not in read:
            self._fault(("language",), f"There are no words in the call's own language: write [texts.{language}].")
        return read

    def _table(
        self, table: Any, path: toml.Path, known: Mapping[str, Check], required: tuple[str, ...]
    ) -> dict[str, Any]:
        read = {}
        for name, value in self._named(table, path).items():
            if name not in known:
                self._fault((*path, name), f"{name} is not a key of this table.")
                continue
            try:
                read[name] = known[name](value.strip("\n") if isinstance(value, str) else value)
            except ValueError as error:
                self._fault((*path, name), f"{name}: {error}")
        for name in required:
            if isinstance(table, dict) and name not in table:
                self._fault(path, f"{name} is missing.")
        return read

    def _list(
        self, tables: Any, path: toml.Path, known: Mapping[str, Check], required: tuple[str, ...]
    ) -> list[dict[str, Any]]:
        if not isinstance(tables, list):
            self._fault(path, f"{path[-1]} is a list of tables: write [[{'.'.join(map(str, path))}]].")
            return []
        return [self._table(table, (*path, number), known, required) for number, table in enumerate(tables)]

    def _named(self, table: Any, path: toml.Path) -> dict[str, Any]:
        if isinstance(table, dict):
            return table
        self._fault(path, f"{path[-1]} is a table.")
        return {}

    def _fault(self, path: toml.Path, sentence: str) -> None:
        self._faults.append(Fault(toml.line_of(self._lines, path), sentence))


def _any(value: Any) -> Any:
    return value


def _static_file(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"img/[a-z0-9-]+\.[a-z0-9]+", value):
        raise ValueError("Write the path of a picture of the platform's own, such as img/keep-culture-open.svg.")
    if not (folder("static") / value).is_file():
        raise ValueError("The platform has no such picture.")
    return value


_REQUIRED = ("slug", "campaign", "kind", "language", "texts")
_DEFAULTS = {"hashtag": "", "partner_reported": 0}
_CALL: dict[str, Check] = {
    "slug": checks.slug,
    "campaign": checks.slug,
    "kind": checks.one_of(*(kind.value for kind in CallKind)),
    "language": checks.one_of(*ENDONYMS),
    "hashtag": checks.line(60),
    "opens_at": checks.moment,
    "closes_at": checks.moment,
    "goal": checks.number(1),
    "partner_reported": checks.number(0),
    "picture": checks.line(64),
}
_TEXT: dict[str, Check] = {
    "title": checks.line(200),
    "ask": checks.text,
    "body": checks.text,
    "thanks": checks.text,
    "share_text": checks.line(300),
    "story_prompt": checks.line(300),
    "image_alt": checks.line(300),
    "notice": checks.short_text(600),
    "outcome": checks.text,
    "reported_total": checks.line(200),
    "reported_source": checks.url,
}
_ADDRESSEE: dict[str, Check] = {
    "name": checks.line(300, 1),
    "kind": checks.one_of("institution", "person"),
    "url": checks.url,
}
_IMAGE: dict[str, Check] = {
    "file": _static_file,
    "width": checks.number(1, 10_000),
    "height": checks.number(1, 10_000),
    "credit": checks.line(200),
    "licence": checks.line(60),
    "licence_url": checks.url,
    "source_url": checks.url,
}
_SIGNATURE: dict[str, Check] = {
    "name": checks.line(80, 1),
    "country": checks.line(2),
    "language": checks.one_of(*ENDONYMS),
    "show_name": checks.flag,
    "hours_ago": checks.number(0),
}
# What was told with a made-up signature, by the names of the form's fields; the form of the call's kind checks it.
_STORY: dict[str, Check] = dict.fromkeys(FIELD_NAMES, _any) | {
    "story_state": checks.one_of("approved", "featured", "waiting", "refused", "change-asked")
}
