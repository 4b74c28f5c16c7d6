"""Scripts for partner sites: the present one, and every one that was ever released."""

import hashlib
from base64 import b64encode
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from petition.errors import NotFound
from petition.http.page_cache import PageCache
from petition.lib import embed_scripts

FOLDER = Path(__file__).parents[2] / "static" / "embed"
NAMES = sorted(path.stem for path in FOLDER.glob("*.js"))
RELEASES = [line.split() for line in (FOLDER / "RELEASES").read_text().splitlines()]


@pytest.fixture
def dialect() -> str:
    """Run each test once: no row is read."""
    return "sqlite"


@pytest.mark.parametrize(("sha256", "file"), RELEASES, ids=lambda value: str(value)[:24])
def test_every_released_script_is_served_for_ever(client: FlaskClient, sha256: str, file: str) -> None:
    answer = client.get(f"/embed/v1/{file}")

    assert file.split(".")[1] == sha256[:16]
    assert hashlib.sha256(answer.data).hexdigest() == sha256
    assert answer.data == (FOLDER / "releases" / file).read_bytes()
    assert answer.headers["Cache-Control"].startswith("public, max-age=31536000, immutable")


def test_what_is_kept_is_listed() -> None:
    assert sorted(path.name for path in (FOLDER / "releases").iterdir()) == sorted(file for _sha256, file in RELEASES)


@pytest.mark.parametrize("name", NAMES)
def test_the_present_script_is_released(client: FlaskClient, name: str) -> None:
    script = embed_scripts.current(name)
    present, released = client.get(f"/embed/v1/{name}.js"), client.get(script.path)

    assert script.path.removeprefix("/embed/v1/") in {file for _sha256, file in RELEASES}, "say `make counter`"
    assert present.data == released.data == (FOLDER / f"{name}.js").read_bytes()
    assert script.size == len(present.data)
    assert script.integrity == "sha384-" + b64encode(hashlib.sha384(present.data).digest()).decode()
    assert present.headers["Cache-Control"].startswith("public, max-age=3600, stale-while-revalidate=")


@pytest.mark.parametrize("path", [f"/embed/v1/{name}.js" for name in NAMES] + [f"/embed/v1/{RELEASES[0][1]}"])
def test_every_site_may_load_and_check_a_script(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://partner.example", "Sec-Fetch-Site": "cross-site"})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "file", ["petition.0123456789abcdef.js", "petition.x.js", "nothing.js", "releases.js", "petition.min.js"]
)
def test_an_unknown_script_is_a_sentence(client: FlaskClient, file: str) -> None:
    answer = client.get(f"/embed/v1/{file}")

    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
    assert answer.text == "There is no such script.\n"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/embed/v1/../petition.js", "/embed/v1/releases/x.js", "/embed/v1/petition..js"])
def test_nothing_else_of_the_folder_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in {404, 301, 308}


def test_the_counter_is_small(app: Flask) -> None:
    reader = Client(PageCache(app, "http://localhost"))

    answer = reader.get("/embed/v1/petition.js", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= 5_000


def test_releasing_keeps_what_was_released_before(tmp_path: Path) -> None:
    script = tmp_path / "petition.js"
    script.write_text("1;\n")
    (first,) = embed_scripts.release(tmp_path)
    script.write_text("2;\n")
    (second,) = embed_scripts.release(tmp_path)

    assert embed_scripts.release(tmp_path) == []
    assert [(tmp_path / "releases" / file).read_text() for file in (first, second)] == ["1;\n", "2;\n"]
    assert [line.split()[1] for line in (tmp_path / "RELEASES").read_text().splitlines()] == [first, second]


def test_a_script_without_a_name_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        embed_scripts.current("nothing")
