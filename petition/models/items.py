"""Items: the persons and objects of cultural heritage that Europeana described to us."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.lib import europeana_records, rights_statements
from petition.lib.rights_statements import RightsStatement
from petition.models.base import Base, Digest, Id, LongText, by_value


class ItemState(StrEnum):
    """What is known of an item: only its id, what it is, or that Europeana has it no more."""

    WAITING = "waiting"
    KNOWN = "known"
    GONE = "gone"


class Item(Base):
    """One person or object in Europeana, found in a search or named by its address.

    ``titles`` go by language, "" for one that says none. The statement ``rights``, ``provider``, ``data_provider``,
    ``source_url`` and ``thumbnail`` are those of its picture; a person's picture is that of the object ``picture_of``.
    ``picture`` is the name of our own copy, whose sizes are in pixels. ``chosen_at`` says when a supporter first chose
    it: only then is it kept, fetched again once it is ``due_at``, and shown.
    """

    __tablename__ = "item"

    id: Mapped[Id]
    europeana_id: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[ItemState] = mapped_column(by_value(ItemState))
    titles: Mapped[dict[str, str]] = mapped_column(JSON)
    # Titles and creator as they are searched, folded.
    folded: Mapped[LongText] = mapped_column(default="")
    creator: Mapped[str] = mapped_column(String(europeana_records.NAME_LENGTH), default="")
    dates: Mapped[str] = mapped_column(String(40), default="")
    provider: Mapped[str] = mapped_column(String(europeana_records.NAME_LENGTH), default="")
    data_provider: Mapped[str] = mapped_column(String(europeana_records.NAME_LENGTH), default="")
    rights: Mapped[str] = mapped_column(String(europeana_records.URL_LENGTH), default="")
    source_url: Mapped[str] = mapped_column(String(europeana_records.URL_LENGTH), default="")
    thumbnail: Mapped[str] = mapped_column(String(32), default="")
    picture_of: Mapped[str] = mapped_column(String(120), default="")
    picture: Mapped[str | None] = mapped_column(String(64), index=True)
    picture_width: Mapped[int] = mapped_column(default=0)
    picture_height: Mapped[int] = mapped_column(default=0)
    etag: Mapped[str] = mapped_column(String(200), default="")
    failures: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None] = mapped_column(index=True)
    chosen_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)

    @property
    def is_person(self) -> bool:
        """Whether it is a person; else it is an object."""
        return europeana_records.is_person(self.europeana_id)

    @property
    def page_url(self) -> str:
        """Its page on Europeana's website."""
        return europeana_records.page_url(self.europeana_id)

    @property
    def statement(self) -> RightsStatement:
        """The rights statement of its picture; without a name where none is known."""
        return rights_statements.find(self.rights)

    @property
    def shows_picture(self) -> bool:
        """Whether there is a picture of ours, and the statement lets everybody re-use it."""
        return bool(self.picture) and self.state == ItemState.KNOWN and self.statement.is_open

    def title(self, language: str) -> tuple[str, str]:
        """Return its title for readers of a language, and the language of that; ``("", "")`` while none is known."""
        for code in (language, "en", "", *self.titles):
            if code in self.titles:
                return self.titles[code], code
        return "", ""


class ItemSearch(Base):
    """What a search in Europeana found: ids in their order, kept for a day.

    The key is a digest of what was searched, so no row says what somebody typed.
    """

    __tablename__ = "item_search"

    key_digest: Mapped[Digest] = mapped_column(primary_key=True)
    found: Mapped[list[str]] = mapped_column(JSON)
    fetched_at: Mapped[datetime] = mapped_column(index=True)
