"""What all tables share: names, identifiers and moments."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.sql.functions import FunctionElement


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on every database; SQLite keeps it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def by_value(enum: type[StrEnum]) -> Enum:
    """Return the column type that stores an enum by its value, checked by the database."""
    return Enum(
        enum, native_enum=False, create_constraint=True, length=16, values_callable=lambda e: [m.value for m in e]
    )


class HourOf(FunctionElement[str]):
    """SQL: the UTC hour of a moment as text, ``2026-11-22T17``."""

    inherit_cache = True
    type = String()


@compiles(HourOf, "sqlite")
def _hour_in_sqlite(element: HourOf, compiler: Any, **kw: Any) -> str:
    return f"strftime('%Y-%m-%dT%H', {compiler.process(element.clauses, **kw)})"


@compiles(HourOf, "postgresql")
def _hour_in_postgresql(element: HourOf, compiler: Any, **kw: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kw)} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24')"


class MinuteOf(FunctionElement[str]):
    """SQL: the UTC minute of a moment as text, ``2026-11-22T17:04``."""

    inherit_cache = True
    type = String()


@compiles(MinuteOf, "sqlite")
def _minute_in_sqlite(element: MinuteOf, compiler: Any, **kw: Any) -> str:
    return f"strftime('%Y-%m-%dT%H:%M', {compiler.process(element.clauses, **kw)})"


@compiles(MinuteOf, "postgresql")
def _minute_in_postgresql(element: MinuteOf, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"to_char({moment} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI')"


class Later(FunctionElement[datetime]):
    """SQL: a moment and a number of seconds after it."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(Later, "sqlite")
def _later_in_sqlite(element: Later, compiler: Any, **kw: Any) -> str:
    moment, seconds = element.clauses
    words = compiler.process(moment, **kw), compiler.process(seconds, **kw)
    # As SQLAlchemy writes moments, in microseconds; SQLite knows milliseconds.
    return "strftime('%Y-%m-%d %H:%M:%f', {}, {} || ' seconds') || '000'".format(*words)


@compiles(Later, "postgresql")
def _later_in_postgresql(element: Later, compiler: Any, **kw: Any) -> str:
    moment, seconds = element.clauses
    return f"{compiler.process(moment, **kw)} + make_interval(secs => {compiler.process(seconds, **kw)})"


# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
Id = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]
Slug = Annotated[str, mapped_column(String(80), unique=True)]
Language = Annotated[str, mapped_column(String(16))]
Country = Annotated[str, mapped_column(String(2))]
LongText = Annotated[str, mapped_column(Text)]
Digest = Annotated[bytes, mapped_column()]


class Base(DeclarativeBase):
    """The parent of all tables."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it as it stands
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
