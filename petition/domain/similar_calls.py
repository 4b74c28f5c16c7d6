"""Published calls that ask for much the same, so that people unite behind one."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.lib import similarity
from petition.models import SHOWN, Call, CallContent, CallText

# Calls that share less of their words are different things.
_LIKE = 0.2
_MOST_READ = 2000


class SimilarCall(NamedTuple):
    """A published call in one language, and how much of its words a draft shares, from 0.0 to 1.0."""

    call: Call
    text: CallText
    likeness: float


def similar(session: Session, call: Call, content: CallContent, most: int = 3) -> list[SimilarCall]:
    """Return up to ``most`` published calls that are like a draft in one of its languages, the most alike first.

    Titles and asks are compared, of the newest 2,000 texts in these languages.
    """
    drafted = {
        language: similarity.tokens(f"{text['title']} {text['ask']}") for language, text in content["texts"].items()
    }
    rows = session.execute(
        select(Call, CallText)
        .join(CallText, CallText.call_id == Call.id)
        .where(Call.state.in_(SHOWN), Call.id != call.id, CallText.language.in_(drafted))
        .order_by(Call.id.desc())
        .limit(_MOST_READ)
    )
    found: dict[int, SimilarCall] = {}
    for other, text in rows:
        likeness = similarity.likeness(drafted[text.language], similarity.tokens(f"{text.title} {text.ask}"))
        if likeness >= _LIKE and (other.id not in found or found[other.id].likeness < likeness):
            found[other.id] = SimilarCall(other, text, likeness)
    return sorted(found.values(), key=lambda one: -one.likeness)[:most]
