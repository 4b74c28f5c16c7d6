"""A call as one file, apart from how it is written down."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from petition.models.contents import CallContent


class CallFile(NamedTuple):
    """What a file says: the campaign's slug, a content without ``picture_id``, and what that has no place for.

    ``picture`` is the name of an uploaded picture; ``image`` is a picture of the platform's own, with its rights;
    ``signatures`` are made up, for the demonstration.
    """

    campaign: str
    content: CallContent
    picture: str = ""
    image: Mapping[str, Any] = {}
    signatures: list[dict[str, Any]] = []  # noqa: RUF012 - nobody changes it
