"""What belongs to the app at hand, each with its type; needs an app context."""

from typing import TypeVar, cast

from flask import current_app
from sqlalchemy import Engine

from petition.config import Settings
from petition.lib.cached_values import CachedValue

T = TypeVar("T")


def settings() -> Settings:
    """Return the settings that the app was made with."""
    return cast("Settings", current_app.config["PETITION"])


def engine() -> Engine:
    """Return the engine of the app's database."""
    return cast("Engine", current_app.extensions["engine"])


def cached(kind: type[T]) -> CachedValue[T]:
    """Return the value of a class that the app shares in this process and reads again and again."""
    return cast("CachedValue[T]", current_app.extensions[kind.__name__])


def latest(kind: type[T]) -> T:
    """Return how such a value stands, as of a moment ago."""
    return cached(kind).get()
