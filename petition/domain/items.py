"""Items: what searches in Europeana found, what supporters chose, and what of it readers see."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from petition import db
from petition.lib import clock, europeana_records, texts
from petition.lib.europeana import ROWS
from petition.lib.europeana_records import Record
from petition.models import Item, ItemSearch, ItemState, StoryWords

# So long what a search found is good, and what nobody chose of it stays known.
KEEP_SEARCHES = timedelta(days=1)


def search_key(*parts: str) -> bytes:
    """Return the key under which a search is kept: a digest of all that its answer depends on."""
    return sha256("\0".join(parts).encode()).digest()


def kept(session: Session, key: bytes) -> list[Item] | None:
    """Return what a search found when it was made within KEEP_SEARCHES; None if it must be made."""
    search = session.get(ItemSearch, key)
    if search is None or search.fetched_at < clock.now() - KEEP_SEARCHES:
        return None
    found = find_all(session, search.found)
    return [found[name] for name in search.found if name in found]


def keep(session: Session, key: bytes, records: Sequence[Record]) -> list[Item]:
    """Keep what a search found, and return it. Items that somebody chose stay as they were fetched last."""
    names = [record.europeana_id for record in records]
    now = clock.now()
    # In one order everywhere, so that two searches wait for each other and do not block each other.
    rows = [_columns(record, ItemState.KNOWN) | {"fetched_at": now} for record in sorted(records)]
    if rows:
        insert = db.insert(db.is_sqlite(session), Item).values(rows)
        newer = {name: insert.excluded[name] for name in rows[0] if name != "europeana_id"}
        unless_chosen = Item.chosen_at.is_(None)
        session.execute(
            insert.on_conflict_do_update(index_elements=[Item.europeana_id], set_=newer, where=unless_chosen)
        )
    insert = db.insert(db.is_sqlite(session), ItemSearch).values(key_digest=key, found=names, fetched_at=now)
    changed = {"found": names, "fetched_at": now}
    session.execute(insert.on_conflict_do_update(index_elements=[ItemSearch.key_digest], set_=changed))
    found = find_all(session, names)
    return [found[name] for name in names if name in found]


def search_chosen(session: Session, text: str, *, people: bool) -> list[Item]:
    """Return persons or objects that supporters chose before, and that have all words of a text; ROWS at most."""
    words = [word for word in map(texts.fold, text.split()) if word]
    conditions = [Item.folded.contains(word) for word in words]
    kind = Item.europeana_id.startswith("/agent/")
    chosen = Item.chosen_at.is_not(None), Item.state == ItemState.KNOWN, kind if people else ~kind
    found = select(Item).where(*chosen, *conditions).order_by(Item.chosen_at, Item.id).limit(ROWS)
    return list(session.scalars(found)) if words else []


def find(session: Session, europeana_id: str) -> Item | None:
    """Return an item by its id at Europeana, or None."""
    return session.scalar(select(Item).where(Item.europeana_id == europeana_id))


def find_all(session: Session, names: Iterable[str]) -> dict[str, Item]:
    """Return items by their ids at Europeana; asks the database only if any of the names is such an id."""
    ids = [name for name in names if name.startswith("/")]
    found = session.scalars(select(Item).where(Item.europeana_id.in_(ids))) if ids else ()
    return {item.europeana_id: item for item in found}


def choose(session: Session, europeana_id: str) -> None:
    """Note that a supporter chose an item, which may be known by its id alone: it is kept, and looked at next.

    Raises ValueError for what is no id.
    """
    if europeana_records.find_id(europeana_id) != europeana_id:
        raise ValueError("no id at Europeana")
    now = clock.now()
    chosen = {"chosen_at": now, "due_at": now}
    if not session.scalar(select(Item.id).where(Item.europeana_id == europeana_id)):
        insert = db.insert(db.is_sqlite(session), Item).values(_columns(Record(europeana_id, {}), ItemState.WAITING))
        session.execute(insert.on_conflict_do_nothing(index_elements=[Item.europeana_id]))
    first = Item.europeana_id == europeana_id, Item.chosen_at.is_(None)
    session.execute(update(Item).where(*first).values(chosen), execution_options={"synchronize_session": False})


def choose_told(session: Session, words: StoryWords | None) -> bool:
    """Note which item an author's words are about; returns whether they are about any."""
    europeana_id = words.details.get("item", "") if words else ""
    if europeana_id:
        choose(session, europeana_id)
    return bool(europeana_id)


def _columns(record: Record, state: ItemState) -> dict[str, object]:
    usual = {"picture_width": 0, "picture_height": 0, "etag": "", "failures": 0}
    return record._asdict() | usual | {"state": state, "folded": record.folded}
