"""What all apps of the tests have in common is compiled once: addresses of views, templates, SQL of statements.

It depends on nothing that a test can change, and took most of the time of most tests.
"""

from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

import sqlalchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from werkzeug.routing.rules import RulePart

from petition.db import engine as db_engine

_Builder = Callable[..., tuple[str, str]]


def addresses_once() -> None:
    """Let Werkzeug remember the parts of an address, and the function that builds it."""
    compile_builder: Callable[[Rule, bool], _Builder] = Rule._compile_builder
    parse: Callable[[Rule, str], Iterable[RulePart]] = Rule._parse_rule
    builders: dict[tuple[object, ...], _Builder] = {}
    parsed: dict[tuple[object, ...], tuple[list[RulePart], list[tuple[bool, str]], dict[str, Any]]] = {}

    def remembered_builder(rule: Rule, append_unknown: bool = True) -> _Builder:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    def remembered_parts(rule: Rule, text: str) -> list[RulePart]:
        key = (text, *rule.map.converters.values())
        before = len(rule._trace)
        if key not in parsed:
            parts = list(parse(rule, text))
            parsed[key] = parts, rule._trace[before:], dict(rule._converters)
        else:
            parts, trace, converters = parsed[key]
            rule._trace.extend(trace)
            rule._converters.update(converters)
            rule.arguments.update(converters)
        return parts

    Rule._compile_builder = remembered_builder  # type: ignore[method-assign, assignment]
    Rule._parse_rule = remembered_parts  # type: ignore[method-assign, assignment]


class Templates(BytecodeCache):
    """Keeps what Jinja made of each template, by its text."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was made of the same text before."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        assert bucket.code
        self._code[bucket.key, bucket.checksum] = bucket.code


class _Statements(LRUCache[Any, Any]):
    """Knows a statement for all engines of one kind, which SQLAlchemy keeps apart by the first part of the key."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


def statements_once() -> None:
    """Let the engines of the app share the SQL that was made of statements: one for each kind of database."""
    create_engine: Callable[..., Engine] = sqlalchemy.create_engine
    shared: dict[str, _Statements] = {}

    def sharing(url: str, **settings: Any) -> Engine:
        engine = create_engine(url, **settings)
        engine._compiled_cache = shared.setdefault(engine.dialect.name, _Statements(2000))
        return engine

    vars(db_engine)["create_engine"] = sharing
