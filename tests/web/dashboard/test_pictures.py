"""Organisers give a call its picture."""

from io import BytesIO
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from petition.domain import pictures
from petition.lib import pictures as picture_files
from petition.models import AuditEntry, Call, CallRevision, Organiser, Picture, Role, Team
from tests import factories
from tests.organisers import add_picture, join, make_organiser, make_team, sign_in
from tests.picture_files import REFUSED, saved


class Scene(NamedTuple):
    """Ann, who is signed in, and a call of her team."""

    session: Session
    client: FlaskClient
    ann: Organiser
    call_id: int
    token: str

    @property
    def url(self) -> str:
        return f"/organise/calls/{self.call_id}/picture"

    @property
    def call(self) -> Call:
        """The call, fresh after a request."""
        return self.session.get_one(Call, self.call_id)

    @property
    def team(self) -> Team:
        """The team, likewise."""
        return self.session.scalars(select(Team).order_by(Team.id)).all()[0]

    def upload(self, content: Any = None, **changes: Any) -> TestResponse:
        """Send the form of the page, as a browser does."""
        fields = {
            "csrf_token": self.token,
            "credit": "  City   museum ",
            "licence": "CC BY 4.0",
            "source_url": "https://museum.example/1",
            "alt_en": "A door stands open.",
            "alt_fr": "",
            "file": FileStorage(BytesIO(saved("PNG") if content is None else content), "C:\\..\\etc\\passwd.jpg"),
        }
        sent = {name: value for name, value in (fields | changes).items() if value is not None}
        boundary, body = encode_multipart(sent)
        return self.client.post(self.url, data=body, content_type=f"multipart/form-data; boundary={boundary}")


@pytest.fixture
def scene(session: Session, client: FlaskClient) -> Scene:
    team, ann = make_team(session), make_organiser(session)
    join(session, team, ann, Role.EDITOR)
    call = factories.make_call(session, team=team)
    return Scene(session, client, ann, call.id, sign_in(client, session, ann))


def newest(session: Session, call: Call) -> dict[str, Any]:
    revisions = select(CallRevision).where(CallRevision.call_id == call.id).order_by(CallRevision.number.desc())
    return session.scalars(revisions).all()[0].content


def test_a_picture_goes_into_the_draft_with_what_it_shows_and_whose_it_is(scene: Scene, session: Session) -> None:
    answer = scene.upload()

    assert (answer.status_code, answer.headers["Location"]) == (302, scene.url)
    picture = session.scalars(select(Picture)).one()
    name, draft = picture.name, newest(session, scene.call)
    assert (picture.credit, picture.licence) == ("City museum", "CC BY 4.0")
    assert picture.licence_url == "https://creativecommons.org/licenses/by/4.0/"
    assert draft["picture_id"] == picture.id
    assert draft["texts"]["en"]["image_alt"] == "A door stands open."
    assert draft["texts"]["en"]["title"] == "Keep culture open"
    entries = session.execute(select(AuditEntry.action, AuditEntry.thing_id, AuditEntry.actor_id)).all()
    assert list(entries) == [("add_picture", picture.id, scene.ann.id), ("choose_picture", scene.call_id, scene.ann.id)]
    page = scene.client.get(scene.url).text
    assert f'src="/media/{name}.webp"' in page
    assert 'alt="A door stands open."' in page
    assert "/media/" not in scene.client.get("/en/calls/open-culture").text


@pytest.mark.parametrize(
    "kind",
    [
        "nothing",
        "more bytes than allowed",
        "1 × 40,000",
        "30,000 × 30,000",
        "a ribbon",
        "a vector drawing",
        "a header alone",
    ],
)
def test_a_file_that_is_refused_says_why_beside_the_field_and_keeps_what_was_typed(
    scene: Scene, session: Session, kind: str
) -> None:
    made, _reasons = REFUSED[kind]

    answer = scene.upload(made())

    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert "<title>Error:" in answer.text
    for typed in ("City museum", "https://museum.example/1", "A door stands open.", 'selected value="CC BY 4.0"'):
        assert typed in answer.text
    assert session.scalars(select(Picture)).all() == []


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("file", None, "Please choose a picture."),
        ("credit", " \u200b ", "Please say who made the picture"),
        ("credit", "a" * 201, "Please shorten this to 200 characters."),
        ("credit", "a\u202eb", "cannot be shown"),
        ("licence", "", "Please choose the licence"),
        ("licence", "public domain, surely", "Not a valid choice"),
        ("source_url", "javascript:alert(1)", "Please check the address"),
        ("source_url", "https://", "Please check the address"),
        ("source_url", "http://[", "Please check the address"),
        ("source_url", "https://a.example/" + "a" * 300, "Please shorten this to 300 characters."),
        ("alt_en", " ", "Please say in a few words what the picture shows."),
        ("alt_en", "a" * 301, "Please shorten this to 300 characters."),
        ("alt_fr", "a\0b", "cannot be shown"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(
    scene: Scene, session: Session, field: str, typed: str | None, sentence: str
) -> None:
    answer = scene.upload(**{field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert sentence in answer.text
    assert session.scalars(select(Picture)).all() == []


def test_what_another_picture_shows_is_not_said_of_a_new_one(scene: Scene) -> None:
    scene.upload()

    page = scene.client.get(scene.url).text

    assert page.count("A door stands open.") == 1
    assert 'alt="A door stands open."' in page


def test_a_picture_that_a_browser_does_not_keep_is_asked_for_again(scene: Scene) -> None:
    assert "Please choose the picture again" in scene.upload(credit="").text


def test_a_text_in_the_place_of_the_file_is_no_picture(scene: Scene) -> None:
    assert scene.upload(file="picture.jpg").status_code == 422


def test_a_file_that_is_too_large_is_refused_unread_on_the_page(scene: Scene) -> None:
    answer = scene.upload(bytes(10_400_000))

    assert answer.status_code == 413
    assert "This file has more than 10 megabytes." in answer.text
    assert 'name="credit"' in answer.text


def test_who_waits_too_long_is_asked_to_try_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files.prepare, "__defaults__", (0.05,))
    with picture_files._turn:
        answer = scene.upload()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "City museum" in answer.text
    assert scene.upload().status_code == 302


def test_a_picture_of_the_team_can_be_used_in_another_call(scene: Scene, session: Session) -> None:
    scene.upload()
    picture = session.scalars(select(Picture)).one()
    other = factories.make_call(session, slug="other", team=scene.team)
    url = f"/organise/calls/{other.id}/pictures/{picture.id}"
    assert f'href="{url}"' in scene.client.get(f"/organise/calls/{other.id}/picture").text
    assert f"/media/{picture.name}.jpg" in scene.client.get(url).text

    refused = scene.client.post(url, data={"csrf_token": scene.token, "alt_en": "", "alt_fr": "Une porte"})
    chosen = scene.client.post(url, data={"csrf_token": scene.token, "alt_en": "A door", "alt_fr": "Une porte"})

    assert refused.status_code == 422
    assert "Une porte" in refused.text
    assert chosen.status_code == 302
    draft = newest(session, other)
    assert draft["picture_id"] == picture.id
    assert {language: text["image_alt"] for language, text in draft["texts"].items()} == {
        "en": "A door",
        "fr": "Une porte",
    }


def test_a_call_can_be_left_without_a_picture(scene: Scene, session: Session) -> None:
    scene.upload()

    answer = scene.client.post(f"{scene.url}/remove", data={"csrf_token": scene.token})

    assert answer.status_code == 302
    assert newest(session, scene.call)["picture_id"] is None
    assert len(pictures.of_team(session, scene.team.id)) == 1


def test_a_picture_that_is_deleted_is_on_no_page_any_more(scene: Scene, session: Session) -> None:
    scene.upload()
    picture = session.scalars(select(Picture)).one()
    call = scene.call
    for name, value in pictures.columns_for(picture).items():
        setattr(call, name, value)
    session.commit()
    assert picture.name in scene.client.get("/en/calls/open-culture").text

    answer = scene.client.post(
        f"/organise/calls/{scene.call.id}/pictures/{picture.id}/take-down", data={"csrf_token": scene.token}
    )

    assert answer.status_code == 302
    assert scene.client.get(f"/media/{picture.name}.webp").status_code == 410
    assert picture.name not in scene.client.get("/en/calls/open-culture").text
    assert picture.name not in scene.client.get(scene.url).text
    assert scene.client.get(f"/organise/calls/{scene.call.id}/pictures/{picture.id}").status_code == 404


@pytest.mark.parametrize(("method", "end"), [("get", ""), ("post", ""), ("post", "/take-down")])
def test_pictures_of_another_team_are_not_there(scene: Scene, session: Session, method: str, end: str) -> None:
    theirs = factories.make_call(session, slug="theirs", team=make_team(session, "Other museum"))
    picture = add_picture(session, theirs, scene.ann)

    in_my_call = f"/organise/calls/{scene.call.id}/pictures/{picture.id}{end}"
    in_theirs = f"/organise/calls/{theirs.id}/pictures/{picture.id}{end}"
    data = {"csrf_token": scene.token, "alt_en": "Mine now"} if method == "post" else None

    assert [getattr(scene.client, method)(url, data=data).status_code for url in (in_my_call, in_theirs)] == [404, 404]
    assert session.scalars(select(Picture.removed_at)).all() == [None]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ANALYST])
def test_only_those_who_may_edit_a_call_change_its_picture(
    scene: Scene, session: Session, client: FlaskClient, role: Role
) -> None:
    bob = make_organiser(session, "Bob")
    join(session, scene.team, bob, role)
    token = sign_in(client, session, bob)

    assert scene.upload(csrf_token=token).status_code == 403
    assert client.get(scene.url).status_code == 403


def test_a_form_with_a_stale_token_changes_nothing(scene: Scene, session: Session) -> None:
    assert scene.upload(csrf_token="stale").status_code == 403
    assert session.scalars(select(Picture)).all() == []


def test_the_page_says_what_may_be_sent(scene: Scene) -> None:
    page = scene.client.get(scene.url).text

    assert 'enctype="multipart/form-data"' in page
    assert 'data-max-bytes="10000000"' in page
    assert "JPEG, PNG, WebP or AVIF, up to 10 MB." in page
