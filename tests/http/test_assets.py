"""Style sheets and scripts are many files here and few requests there."""

import re
import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.http import assets

STATIC = Path(__file__).parents[2] / "static"
GENERATED = {
    "css/accents.css": "@layer tokens {\n:root { --accent: red; }\n}\n",
    "js/mail-providers.js": "const MAIL_PROVIDERS = [];\n",
}
HEADERS = {"Cache-Control", "Content-Disposition", "Content-Length", "Content-Type", "ETag", "Last-Modified"}


@pytest.fixture
def site(tmp_path: Path) -> Flask:
    """Give a site with its own copy of the static files."""
    shutil.copytree(STATIC, tmp_path / "static")
    site = Flask("site", root_path=str(tmp_path))
    site.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000
    assets.init_app(site, GENERATED)
    return site


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    """Give a visitor of that site."""
    return site.test_client()


def url(site: Flask, name: str) -> str:
    with site.test_request_context():
        return assets.asset(name)


def texts(part: str) -> list[bytes]:
    """Return what a part of a bundle consists of."""
    if part in GENERATED:
        return [GENERATED[part].encode()]
    return [path.read_bytes() for path in sorted(STATIC.glob(part))]


def words(content: bytes) -> list[bytes]:
    """Return what a browser reads of a style sheet."""
    return re.sub(rb"/\*.*?\*/", b"", content, flags=re.DOTALL).split()


@pytest.mark.parametrize("name", assets.BUNDLES)
def test_a_bundle_holds_its_parts_in_order(visitor: FlaskClient, name: str) -> None:
    parts = [text for part in assets.BUNDLES[name] for text in texts(part)]

    answer = visitor.get(f"/static/{name}")

    assert answer.status_code == 200
    assert words(answer.data) == words(b"\n".join(parts).replace(*scheme(name)[0]).replace(*scheme(name)[1]))


def scheme(name: str) -> list[tuple[bytes, bytes]]:
    """Return what a style sheet that is light or dark wherever it is shown has in the place of what."""
    dark, both = b"(prefers-color-scheme: dark)", b"color-scheme: light dark"
    return {
        "css/embed-light.css": [(dark, b"not all"), (both, b"color-scheme: light")],
        "css/embed-dark.css": [(dark, b"all"), (both, b"color-scheme: dark")],
    }.get(name, [(dark, dark), (both, both)])


def test_every_style_sheet_is_in_a_bundle_and_in_a_layer_that_is_declared(visitor: FlaskClient) -> None:
    names = [name for name in assets.BUNDLES if name.endswith(".css")]
    parts = {part for name in names for part in assets.BUNDLES[name]} - set(GENERATED)
    sheets = list(STATIC.rglob("*.css"))
    bundle = b"".join(visitor.get(f"/static/{name}").data for name in names)
    together = b"\n".join(path.read_bytes() for path in sheets)
    order = re.findall(rb"@layer ([\w, ]+);", bundle)

    assert {path for part in parts for path in STATIC.glob(part)} == set(sheets)
    assert len(re.findall(rb"^@layer \w+ \{", together, re.MULTILINE)) == len(sheets)
    assert set(re.findall(rb"^@layer (\w+) \{", bundle, re.MULTILINE)) == set(order[0].split(b", "))


@pytest.mark.parametrize("bundle", [name for name in assets.BUNDLES if name.endswith(".js")])
def test_scripts_of_a_bundle_share_no_names(bundle: str) -> None:
    names = [
        line
        for part in assets.BUNDLES[bundle]
        if part not in GENERATED
        for line in (STATIC / part).read_text().splitlines()
        if re.match(r"(const|let|var|class|function|async|import)\b", line)
    ]

    assert names == []


def test_every_part_of_a_bundle_exists() -> None:
    missing = [part for parts in assets.BUNDLES.values() for part in parts if not texts(part)]

    assert missing == []


@pytest.mark.parametrize(("bundle", "file"), [("css/site.css", "css/print.css"), ("js/form.js", "js/total.js")])
def test_a_bundle_has_the_headers_of_a_static_file(visitor: FlaskClient, bundle: str, file: str) -> None:
    answer, plain = (visitor.get(f"/static/{name}", buffered=True) for name in (bundle, file))

    assert set(answer.headers.keys()) >= HEADERS
    assert set(answer.headers.keys()) == set(plain.headers.keys())
    for name in ("Cache-Control", "Content-Type"):
        assert answer.headers[name] == plain.headers[name]


def test_the_address_changes_when_a_part_changes(site: Flask, tmp_path: Path) -> None:
    before = url(site, "css/site.css")
    assert re.fullmatch(r"/static/css/site\.css\?v=[0-9a-f]{10}", before)

    with (tmp_path / "static" / "css" / "components" / "card.css").open("a") as part:
        part.write(".new { color: red; }\n")
    assets._bundle.cache_clear()

    assert url(site, "css/site.css") != before


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_browser_that_has_the_bundle_is_told_so(visitor: FlaskClient, header: str) -> None:
    known = visitor.get("/static/css/site.css").headers[header]
    condition = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[header]

    answer = visitor.get("/static/css/site.css", headers={condition: known})

    assert (answer.status_code, answer.data) == (304, b"")


def test_a_head_request_gets_the_headers_of_the_bundle_only(visitor: FlaskClient) -> None:
    whole, head = visitor.get("/static/css/site.css"), visitor.head("/static/css/site.css")

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.data))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_other_static_files_are_sent_as_ever(site: Flask, visitor: FlaskClient) -> None:
    assert visitor.get(url(site, "js/total.js"), buffered=True).data == (STATIC / "js" / "total.js").read_bytes()
    assert visitor.get("/static/css/nothing.css").status_code == 404
    assert visitor.post("/static/css/site.css").status_code == 405
