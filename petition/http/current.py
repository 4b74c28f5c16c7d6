"""What belongs to the app at hand, each with its type; needs an app context."""

from typing import cast

from flask import current_app
from sqlalchemy import Engine

from petition.config import Settings


def settings() -> Settings:
    """Return the settings that the app was made with."""
    return cast("Settings", current_app.config["PETITION"])


def engine() -> Engine:
    """Return the engine of the app's database."""
    return cast("Engine", current_app.extensions["engine"])
