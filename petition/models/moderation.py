"""What moderators do with stories: decisions, notes, translations, and the words that hold a story for them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition import terms
from petition.models.base import Base, Id, Language, LongText, by_value
from petition.models.stories import Story, StoryState


class Decision(StrEnum):
    """What a moderator decides about the words of a story."""

    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"
    HIDE = "hide"


# Where a story stands after each decision.
DECIDED_STATES = {
    Decision.APPROVE: StoryState.APPROVED,
    Decision.REFUSE: StoryState.REFUSED,
    Decision.ASK: StoryState.CHANGE_ASKED,
    Decision.HIDE: StoryState.HIDDEN,
}


class ReasonClass(StrEnum):
    """Why a story is not shown, as its author is told and the public may count."""

    OFF_TOPIC = "off-topic"
    HATE = "hate"
    PRIVATE = "private"
    ADVERTISING = "advertising"
    COPIED = "copied"
    LAW = "law"
    UNREADABLE = "unreadable"
    OTHER = "other"


class StoryDecision(Base):
    """What was decided about one revision of a story, by whom, and why.

    ``by`` is an organiser's id, None for what happened by itself; ``reason_class`` is a ReasonClass, or empty, and
    ``sentence`` what the author reads. For undoing it says what was ``before``: the state, and of what was public the
    revision and the moments; the words are not kept. ``second_look_of`` names the decision that is looked at again,
    ``appealed_at`` when the author asked for that.
    """

    __tablename__ = "story_decision"

    id: Mapped[Id]
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    decision: Mapped[Decision] = mapped_column(by_value(Decision))
    reason_class: Mapped[str] = mapped_column(String(16), default="")
    sentence: Mapped[LongText] = mapped_column(default="")
    by: Mapped[int | None]
    decided_at: Mapped[datetime]
    before: Mapped[StoryState] = mapped_column(by_value(StoryState))
    shown_revision: Mapped[int | None]
    shown_at: Mapped[datetime | None]
    featured_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    second_look_of: Mapped[int | None] = mapped_column(ForeignKey("story_decision.id", ondelete="SET NULL"))
    appealed_at: Mapped[datetime | None]

    def can_be_asked_about(self, story: Story) -> bool:
        """Whether the author of the story may ask for a second look: once, while this stands."""
        is_settled = self.appealed_at is not None or self.second_look_of is not None
        may_be = story.state in {StoryState.REFUSED, StoryState.HIDDEN}
        return self.revision == story.revision and may_be and not is_settled


class StoryNote(Base):
    """What a member of the team wrote about a story; only the team reads it."""

    __tablename__ = "story_note"

    id: Mapped[Id]
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), index=True)
    by: Mapped[int]
    at: Mapped[datetime]
    text: Mapped[LongText]


class StoryTranslation(Base):
    """A story in another language, marked as a translation by ``credit``; good for the revision that it translates."""

    __tablename__ = "story_translation"

    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[Language] = mapped_column(primary_key=True)
    revision: Mapped[int]
    text: Mapped[LongText]
    credit: Mapped[str] = mapped_column(String(terms.NAME_LENGTH))
    by: Mapped[int]
    at: Mapped[datetime]


class HoldList(Base):
    """Words that hold the stories of a team in one language, or in any ('') until a moderator has read them."""

    __tablename__ = "hold_list"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[Language] = mapped_column(primary_key=True)
    words: Mapped[list[str]] = mapped_column(JSON)
