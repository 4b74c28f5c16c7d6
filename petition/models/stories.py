"""Stories: what supporters tell with their signatures, what of it the public sees, and how much that is."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition import terms
from petition.lib import clock, languages, texts
from petition.models.base import Base, Country, Digest, Id, Language, LongText, by_value
from petition.models.calls import Call, CallKind

# The version of the sentence beside the box that lets us publish (forms/stories.py); it is stored with each story.
PUBLISH_VERSION = "2027-01"


class StoryLicence(StrEnum):
    """What others may do with a published story, as its author chose."""

    CC_BY = "cc-by"
    CC_BY_SA = "cc-by-sa"
    CC0 = "cc0"
    HERE_ONLY = "here-only"


class StoryState(StrEnum):
    """Where the newest words of a story stand; the public sees what is in ``published_story``, whatever this says."""

    TOLD = "told"
    WAITING = "waiting"
    HELD = "held"
    APPROVED = "approved"
    REFUSED = "refused"
    CHANGE_ASKED = "change-asked"
    HIDDEN = "hidden"


# What waits for a moderator.
IN_QUEUE = (StoryState.WAITING, StoryState.HELD)


@dataclass(frozen=True)
class StoryWords:
    """What an author typed and chose; ``details`` are the kind's own fields, by name.

    Without ``licence`` it is for the author alone: then there is no ``credit``, which is the name to show, or None.
    """

    kind: CallKind
    language: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)
    licence: StoryLicence | None = None
    credit: str | None = None
    wants_letter: bool = False

    @property
    def typed(self) -> list[Any]:
        """All of it as plain values, and the wording that was agreed to: what a version stands for."""
        *words, details, licence, credit, wants_letter = astuple(self)
        consent = PUBLISH_VERSION if licence else None
        return [*words, sorted(details.items()), licence, credit, wants_letter, consent]


def _where(condition: str) -> dict[str, Any]:
    """Return what makes an index partial on both databases."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class Story(Base):
    """What a supporter told with a signature: the newest words of its author, and where they stand.

    ``consent_version`` names the wording of the consent to publish, None for what is its author's alone. ``revision``
    counts the author's changes from 1; a decision names the one it saw. ``text_digest`` is of the folded text, so that
    the same text is found again; ``is_repeated`` marks one that was found. ``held_because`` says in a word why a story
    waits for a moderator, even where a team lets stories be public before. Who holds the lock until ``locked_until``
    reads it.
    """

    __tablename__ = "story"
    __table_args__ = (
        Index("ix_story_queue", "call_id", "state", "submitted_at", "id"),
        Index("ix_story_queue_language", "call_id", "state", "language", "submitted_at", "id"),
        Index("ix_story_same_text", "call_id", "text_digest"),
        Index(
            "ix_story_wants_letter",
            "signature_id",
            postgresql_where=text("wants_letter"),
            sqlite_where=text("wants_letter"),
        ),
        Index("ix_story_decided", "call_id", "decided_at", **_where("decided_at is not null")),
        Index(
            "ix_story_held",
            "call_id",
            "state",
            "held_because",
            "submitted_at",
            "id",
            **_where("held_because is not null"),
        ),
        Index("ix_story_repeated", "call_id", "state", "submitted_at", "id", **_where("is_repeated")),
        Index("ix_story_locked", "locked_by", **_where("locked_by is not null")),
        # A number is never given twice, or an old address would show somebody else's words.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id", ondelete="CASCADE"), unique=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    kind: Mapped[CallKind] = mapped_column(by_value(CallKind))
    language: Mapped[Language]
    text: Mapped[LongText]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    licence: Mapped[StoryLicence | None] = mapped_column(by_value(StoryLicence))
    credit: Mapped[str | None] = mapped_column(String(terms.NAME_LENGTH))
    consent_version: Mapped[str | None] = mapped_column(String(16))
    wants_letter: Mapped[bool] = mapped_column(default=False)
    state: Mapped[StoryState] = mapped_column(by_value(StoryState), default=StoryState.TOLD)
    revision: Mapped[int] = mapped_column(default=1)
    text_digest: Mapped[Digest]
    is_repeated: Mapped[bool] = mapped_column(default=False, server_default=false())
    held_because: Mapped[str | None] = mapped_column(String(16))
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    locked_by: Mapped[int | None] = mapped_column(ForeignKey("organiser.id", ondelete="SET NULL"))
    locked_until: Mapped[datetime | None]

    @property
    def lock_holder(self) -> int | None:
        """The id of the organiser who reads it at the moment, or None."""
        return self.locked_by if self.locked_until and clock.now() < self.locked_until else None

    @property
    def parts(self) -> list[str]:
        """All that its author typed, one text for each field."""
        return [self.text, *(str(value) for value in self.details.values()), self.credit or ""]

    @property
    def words(self) -> StoryWords:
        """What its author typed and chose."""
        return StoryWords(
            self.kind, self.language, self.text, self.details, self.licence, self.credit, self.wants_letter
        )


def columns_of(words: StoryWords) -> dict[str, Any]:
    """Return what a row of ``story`` keeps of an author's words."""
    return {
        "kind": words.kind,
        "language": words.language,
        "text": words.text,
        "details": dict(words.details),
        "licence": words.licence,
        "credit": words.credit,
        "consent_version": PUBLISH_VERSION if words.licence else None,
        "wants_letter": words.wants_letter,
        "text_digest": sha256(texts.fold(words.text).encode()).digest(),
    }


# Which published stories others may take, and which organisers chose; written out, for an index on them is found so.
IS_LICENSED = text("licence <> 'here-only'")
IS_FEATURED = text("featured_at is not null")

HERO_KEY_LENGTH = 160


class PublishedStory(Base):
    """What the public sees of a story: it is public if, and only if, it has a row here.

    The row is a copy, so that an author can edit while the words that were approved stay. ``hero`` is the ``hero_key``
    of whom it is about, empty where that is nobody. Its place on the wall is that of ``published_at``, also when other
    words took the place of the first, at ``updated_at``.
    """

    __tablename__ = "published_story"
    __table_args__ = (
        Index("ix_published_story_newest", "call_id", "published_at", "story_id"),
        Index("ix_published_story_language", "call_id", "language", "published_at", "story_id"),
        Index("ix_published_story_country", "call_id", "country", "published_at", "story_id"),
        Index("ix_published_story_both", "call_id", "language", "country", "published_at", "story_id"),
        Index("ix_published_story_hero", "call_id", "hero", "published_at", "story_id"),
        Index("ix_published_story_licensed", "call_id", "published_at", "story_id", **_where(IS_LICENSED.text)),
        Index("ix_published_story_featured", "call_id", "featured_at", **_where(IS_FEATURED.text)),
    )

    story_id: Mapped[int] = mapped_column(ForeignKey("story.id", ondelete="CASCADE"), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"))
    kind: Mapped[CallKind] = mapped_column(by_value(CallKind))
    language: Mapped[Language]
    # Empty when the author named none, for an index and a tally know no NULL.
    country: Mapped[Country]
    text: Mapped[LongText]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    licence: Mapped[StoryLicence] = mapped_column(by_value(StoryLicence))
    credit: Mapped[str | None] = mapped_column(String(terms.NAME_LENGTH))
    hero: Mapped[str] = mapped_column(String(HERO_KEY_LENGTH))
    revision: Mapped[int]
    published_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    featured_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship()

    @property
    def is_licensed(self) -> bool:
        """Whether others may take it; if not it is shown on this site only, to people."""
        return self.licence != StoryLicence.HERE_ONLY


def hero_key(details: Mapping[str, Any]) -> str:
    """Return what stands for the hero that a story names, so that each is counted once; empty without one.

    It is the id of an item, which begins with a slash, or else the one spelling of a name.
    """
    name = str(details.get("hero", ""))
    return str(details.get("item", "") or texts.fold(name) or name)[:HERO_KEY_LENGTH]


def card_files(story_id: int) -> list[str]:
    """Return the names of the files in which the share cards of a story are kept, one a language of our pages."""
    return [card_file(story_id, language) for language in languages.INTERFACE]


def card_file(story_id: int, language: str) -> str:
    """Return the name of the file with the share card of a story in one language."""
    return f"story-{story_id}-{language}.card"


class StoryTally(Base):
    """How many stories of one call are published, by language and country ('' for none): never counted in a request."""

    __tablename__ = "story_tally"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    language: Mapped[Language] = mapped_column(primary_key=True)
    country: Mapped[Country] = mapped_column(primary_key=True)
    published: Mapped[int]


class HeroTally(Base):
    """How many stories of one call are published about each hero, who is here only while there is one."""

    __tablename__ = "hero_tally"
    __table_args__ = (Index("ix_hero_tally_most", "call_id", "published", "hero"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    hero: Mapped[str] = mapped_column(String(HERO_KEY_LENGTH), primary_key=True)
    published: Mapped[int]


class RetractedStory(Base):
    """A story that is public no more, until a job has deleted the files of its share cards."""

    __tablename__ = "retracted_story"

    # No foreign key: the story may be erased.
    story_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    retracted_at: Mapped[datetime] = mapped_column(index=True)
