"""What both pages of two who wrote at once show: who the other is, and what I typed."""

from typing import Any, NamedTuple

from flask import request
from flask_babel import gettext as _

from petition.domain.comparing import Difference
from petition.errors import EditConflict
from petition.lib import local_times

_OF_THE_EDITOR = {"base", "csrf_token", "do", "theirs"}


class Choice(NamedTuple):
    """A field that two people have differently, and whether theirs is the better guess."""

    difference: Difference
    is_theirs: bool


def context(conflict: EditConflict, zone: str) -> dict[str, Any]:
    """Return who saved when, by the clocks of a zone, and the fields that were typed."""
    return {
        "who_and_when": who_and_when(conflict, zone),
        "typed": [pair for pair in request.form.items(multi=True) if pair[0] not in _OF_THE_EDITOR],
    }


def who_and_when(conflict: EditConflict, zone: str) -> str:
    """Return a sentence about the other one, who may have no name."""
    time = f"{local_times.shown(conflict.when, zone).replace('T', ' ')} ({zone})"
    sentence: str = _("Somebody else saved at %(time)s, while you were writing.", time=time)
    if conflict.who:
        sentence = _("%(name)s saved at %(time)s, while you were writing.", name=conflict.who, time=time)
    return sentence
