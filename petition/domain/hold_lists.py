"""The words that hold the stories of a team until a moderator has read them, by language."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import audit
from petition.lib import hold_reasons
from petition.models import HoldList, Organiser, Story, Team


def words(session: Session, team: Team) -> dict[str, list[str]]:
    """Return the words of a team by language; '' has those of any language."""
    rows = session.scalars(select(HoldList).where(HoldList.team_id == team.id).order_by(HoldList.language))
    return {row.language: row.words for row in rows}


def change(session: Session, actor: Organiser, team: Team, new: Mapping[str, Sequence[str]]) -> None:
    """Let a team have other words, by language; they hold what is submitted from now on. The log has how many."""
    rows = {row.language: row for row in session.scalars(select(HoldList).where(HoldList.team_id == team.id))}
    for language in sorted(rows.keys() | new.keys()):
        row, listed = rows.get(language), sorted(set(new.get(language, ())))
        if listed == (row.words if row else []):
            continue
        old = len(row.words) if row else 0
        if row is None:
            session.add(HoldList(team_id=team.id, language=language, words=listed))
        elif listed:
            row.words = listed
        else:
            session.delete(row)
        numbers = {"old": f"{language or '*'} {old}", "new": f"{language or '*'} {len(listed)}"}
        audit.record(session, actor, "change_hold_list", team, team_id=team.id, **numbers)


def found(session: Session, team: Team, story: Story) -> list[str]:
    """Return the words of a team's lists that stand in a story."""
    lists = words(session, team)
    return hold_reasons.found(story.parts, lists.get(story.language, []) + lists.get("", []))
