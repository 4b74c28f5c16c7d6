"""Pictures of teams: their files are there for as long as one of them is."""

from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from petition.domain import pictures
from petition.errors import Gone, NotFound
from petition.jobs.pictures import delete_unused_pictures
from petition.lib import media_store
from petition.lib.media_store import StoreUnavailable
from petition.models import AuditEntry, Call, Organiser, Picture, picture_columns
from tests import factories
from tests.conftest import StoppedClock
from tests.organisers import add_picture, make_organiser, make_team
from tests.picture_files import saved, scene


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    media_store.configure(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def ann(session: Session) -> Organiser:
    return make_organiser(session)


@pytest.fixture
def call(session: Session) -> Call:
    return factories.make_call(session, team=make_team(session))


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


def test_files_go_with_the_last_picture_that_has_them(
    session: Session, call: Call, ann: Organiser, folder: Path
) -> None:
    other = factories.make_call(session, slug="other", team=make_team(session, "Other museum"))
    mine, theirs = add_picture(session, call, ann), add_picture(session, other, ann)
    assert (mine.name, mine.id) != (theirs.name, theirs.id) and mine.name == theirs.name

    pictures.take_down(session, ann, mine)
    assert files(folder) == [".jpg", ".webp"]
    assert pictures.read_file(session, theirs.name, "webp")

    pictures.take_down(session, ann, theirs)
    assert files(folder) == []
    with pytest.raises(Gone):
        pictures.read_file(session, theirs.name, "webp")

    again = add_picture(session, call, ann)
    assert again.name == mine.name
    assert pictures.read_file(session, again.name, "jpg")


def test_what_was_taken_down_keeps_no_name_and_leaves_its_calls(session: Session, call: Call, ann: Organiser) -> None:
    picture = add_picture(session, call, ann)
    for name, value in picture_columns(picture).items():
        setattr(call, name, value)
    session.commit()
    assert call.image == f"media/{picture.name}.webp"

    pictures.take_down(session, ann, picture)
    session.commit()

    assert (picture.credit, picture.source_url) == ("", "")
    assert (call.image, call.image_credit, call.picture_id) == ("", "", None)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "take_picture_down")).one()
    assert (entry.thing_id, entry.actor_id, entry.new) == (picture.id, ann.id, str(call.id))
    assert picture_columns(picture) == picture_columns(None)


def test_pictures_that_nobody_used_are_deleted_after_a_while(
    session: Session, call: Call, ann: Organiser, folder: Path, stopped_clock: StoppedClock
) -> None:
    shown, drafted, unused = (
        add_picture(session, call, ann, saved("PNG", scene(size=(300 + number, 300)))) for number in range(3)
    )
    call.picture_id = shown.id
    pictures.put_into_draft(session, ann, call, drafted, {"en": "A door"})
    session.commit()
    assert delete_unused_pictures(session) == 0
    stopped_clock.tick(days=91)

    assert delete_unused_pictures(session) == 1

    session.expire_all()
    assert [one.removed_at is None for one in (shown, drafted, unused)] == [True, True, False]
    assert len(files(folder)) == 4
    assert delete_unused_pictures(session) == 0


def test_a_draft_says_what_its_picture_shows_its_own_language_first(
    session: Session, call: Call, ann: Organiser
) -> None:
    assert pictures.draft(session, call) == (None, {"en": "", "fr": ""})
    picture = add_picture(session, call, ann)

    pictures.put_into_draft(session, ann, call, picture, {"en": "A door", "de": "not a language of this call"})
    pictures.put_into_draft(session, ann, call, picture, {"fr": "Une porte"})

    assert pictures.draft(session, call) == (picture, {"en": "A door", "fr": "Une porte"})
    pictures.take_down(session, ann, picture)
    assert pictures.draft(session, call).picture is None


def test_a_file_that_was_lost_is_not_there(session: Session, call: Call, ann: Organiser, folder: Path) -> None:
    picture = add_picture(session, call, ann)
    (folder / f"{picture.name}.webp").unlink()

    with pytest.raises(NotFound):
        pictures.read_file(session, picture.name, "webp")


def test_nothing_is_noted_of_a_picture_whose_files_cannot_be_kept(
    session: Session, call: Call, ann: Organiser, folder: Path
) -> None:
    folder.write_text("in the way")

    with pytest.raises(StoreUnavailable):
        add_picture(session, call, ann)
    session.rollback()

    assert session.scalars(select(Picture)).all() == []


def test_an_upload_waits_for_whoever_takes_the_same_picture_down(
    session: Session, call: Call, ann: Organiser, dialect: str
) -> None:
    picture, call_id, ann_id = add_picture(session, call, ann), call.id, ann.id
    engine, has_begun = session.get_bind(), Event()

    def upload() -> None:
        with Session(engine) as own:
            has_begun.set()
            add_picture(own, own.get_one(Call, call_id), own.get_one(Organiser, ann_id))

    pictures.take_down(session, ann, picture)
    thread = Thread(target=upload)
    thread.start()
    assert has_begun.wait(10)
    thread.join(0.5)
    assert thread.is_alive()
    session.commit()
    thread.join(15)

    assert pictures.read_file(session, picture.name, "webp")
