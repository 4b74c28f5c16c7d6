"""Files are kept whole or not at all, in a folder or in a store for several hosts."""

import re
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from petition.lib import media_store
from petition.lib.media_store import StoreUnavailable

OBJECTS: dict[str, bytes] = {}


class Objects(BaseHTTPRequestHandler):
    """As much of S3 as we use."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        OBJECTS[self.key] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def do_GET(self) -> None:
        found = OBJECTS.get(self.key)
        self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>") if found is None else self.answer(200, found)

    def do_POST(self) -> None:
        """Delete what the body names."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", body)
        for key in keys:
            OBJECTS.pop(f"/museum/{key}", None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    @property
    def key(self) -> str:
        assert "AWS4-HMAC-SHA256" in self.headers["Authorization"]
        return urlsplit(self.path).path

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 01 Jun 2026 12:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a store in which keys and endpoint of the environment open one bucket."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Objects)
    thread = Thread(target=server.serve_forever)
    thread.start()
    OBJECTS.clear()
    for name, value in {
        "AWS_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield f"s3://museum/pictures-{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["folder", "memory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Give each kind of place in turn."""
    if request.param == "s3":
        return str(request.getfixturevalue("s3"))
    return tmp_path / "media" if request.param == "folder" else "memory:///"


def test_what_is_saved_can_be_read_until_it_is_deleted(place: Path | str) -> None:
    media_store.configure(place)
    assert media_store.read("a.webp") is None

    media_store.save("a.webp", b"one")
    media_store.save("a.webp", b"two")
    assert media_store.read("a.webp") == b"two"

    media_store.delete("a.webp")
    media_store.delete("a.webp")
    assert media_store.read("a.webp") is None
    media_store.check()


def test_a_folder_holds_nothing_but_whole_files_that_are_ours_alone(tmp_path: Path) -> None:
    media_store.configure(tmp_path / "media")

    media_store.save("a.webp", b"one")
    media_store.check()

    (file,) = (tmp_path / "media").iterdir()
    assert file.name == "a.webp"
    assert file.stat().st_mode & 0o77 == 0


def test_objects_have_the_prefix_of_the_address(s3: str) -> None:
    media_store.configure(s3)

    media_store.save("a.webp", b"one")

    assert list(OBJECTS) == [f"/museum{urlsplit(s3).path}/a.webp"]


def test_a_place_that_cannot_be_used_says_why_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    for place in (tmp_path / "file" / "media", "s3://museum/away"):
        media_store.configure(place)
        for act in (partial(media_store.save, "a.webp", b"one"), media_store.check):
            with pytest.raises(StoreUnavailable) as refused:
                act()
            assert refused.value.reason
            assert "\n" not in refused.value.reason
