"""Stands in for the Europeana APIs in the demo and in tests: invented objects and people, the manners of the real ones.

Whatever the real APIs leave out, repeat or refuse, this one does too: fields that are lists, the caller's key in the
answer, thumbnails without one, quotas in headers.
"""

import hashlib
import json
import sys
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

from PIL import Image, ImageDraw

KEY = "stub-personal"

_DATASET = "9999999"
_MEDIA = "https://museum.example/iiif"
_HOUR = 3600


class EuropeanaStub(ThreadingHTTPServer):
    """A server on a port of this machine; ``objects`` and ``people`` may be changed while it runs."""

    daemon_threads = True

    def __init__(self, port: int = 0, handler: "type[Answers] | None" = None) -> None:
        super().__init__(("127.0.0.1", port), handler or Answers)
        world = json.loads((Path(__file__).parent.parent / "demo" / "europeana.json").read_text())
        self.objects: dict[str, dict[str, Any]] = {f"/{_DATASET}/{o['local']}": o for o in world["objects"]}
        self.people: dict[str, dict[str, Any]] = {f"/agent/{p['number']}": p for p in world["people"]}
        self.quota, self.used = 1000, 0
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever went away before the end of an answer is no error of the server's."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Answers(BaseHTTPRequestHandler):
    """What is asked for, found among what the server has."""

    protocol_version = "HTTP/1.1"
    server: EuropeanaStub

    def do_GET(self) -> None:
        """Answer one request, as the gateway would: the key, the quota, then the service."""
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        if parts.path.startswith("/thumbnail/v3/"):
            self._thumbnail(*parts.path.split("/")[3:5])
            return
        self.key = self.headers.get("X-Api-Key") or query.get("wskey", [""])[0]
        if self.key != KEY:
            self.refuse(401, "Unauthorized", "invalid_apikey" if self.key else "empty_apikey")
            return
        self.server.used += 1
        if self.server.used > self.server.quota:
            self.refuse(429, f"Personal key client has reached the limit of {self.server.quota}", "429_limit_personal")
        elif parts.path in {"/record/search.json", "/record/v2/search.json"}:
            self._search(query)
        elif parts.path == "/entity/suggest":
            self._suggest(query)
        else:
            self._one(parts.path)

    def _search(self, query: dict[str, list[str]]) -> None:
        words, rows = query.get("query", [""])[0].replace("\\", "").lower(), query.get("rows", ["12"])[0]
        if not words.strip():
            self.refuse(400, "Empty query parameter", "400-SE")
            return
        found = [
            (name, thing)
            for name, thing in self.server.objects.items()
            if words == "*:*" or all(word in _searched(thing) for word in words.split())
        ]
        items = [
            _item(name, thing, index, self.key) for index, (name, thing) in enumerate(found[: min(100, int(rows))])
        ]
        self.answer({
            "apikey": self.key,
            "success": True,
            "requestNumber": 999,
            "itemsCount": len(items),
            "totalResults": len(found),
            "items": items,
        })  # fmt: skip

    def _suggest(self, query: dict[str, list[str]]) -> None:
        text = query.get("text", [""])[0].lower()
        rows = int(query.get("rows", ["10"])[0])
        found = [
            _agent(name, person, self.server.objects)
            for name, person in self.server.people.items()
            if any(part.startswith(text) for n in person["names"].values() for part in (n.lower(), *n.lower().split()))
        ]
        context = "http://www.europeana.eu/schemas/context/entity.jsonld"
        self.answer({"@context": context, "type": "ResultPage", "total": len(found), "items": found[:rows]})

    def _one(self, path: str) -> None:
        person = self.server.people.get(path.removeprefix("/entity").removesuffix(".json"))
        name = path.removeprefix("/record").removesuffix(".json")
        thing = self.server.objects.get(name)
        if person:
            self.answer(_agent(path.removeprefix("/entity").removesuffix(".json"), person, self.server.objects))
        elif thing:
            self.answer({"apikey": self.key, "success": True, "requestNumber": 999, "object": _record(name, thing)})
        else:
            self.refuse(404, f"Invalid record identifier: {name}", "")

    def _thumbnail(self, side: str, digest: str) -> None:
        thing = next((t for name, t in self.server.objects.items() if _media_digest(name) == digest), None)
        if side not in {"200", "400"} or thing is None:
            self.send(404, b"", "text/plain")
            return
        self.send(200, _picture(thing["local"], int(side)), "image/jpeg")

    def refuse(self, status: int, error: str, code: str) -> None:
        """Answer with an error in the words of the Search API."""
        body = {"apikey": self.key, "success": False, "error": error, "message": error, "code": code}
        self.answer({name: value for name, value in body.items() if value != ""}, status)

    def answer(self, body: dict[str, Any], status: int = 200) -> None:
        """Answer with JSON and an ETag; 304 to whom knows it already."""
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send(status, content, "application/json;charset=UTF-8")

    def send(self, status: int, content: bytes, kind: str) -> None:
        """Send a response with what all of theirs have."""
        etag = f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, content = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", etag)
        quota, left = self.server.quota, max(0, self.server.quota - self.server.used)
        self.send_header("RateLimit-Policy", f'"personal";q={quota};w={_HOUR}')
        self.send_header("RateLimit", f'"personal";r={left};t={_HOUR - int(time.monotonic()) % _HOUR}')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the demo has its own lines on the screen."""


def run(port: int) -> None:
    """Serve until the process ends."""
    EuropeanaStub(port).serve_forever()


def _searched(thing: dict[str, Any]) -> str:
    return " ".join([*thing["titles"].values(), thing.get("creator", ""), thing["institution"]]).lower()


def _media(name: str) -> str:
    return f"{_MEDIA}{name}/full/full/0/default.jpg"


def _media_digest(name: str) -> str:
    return hashlib.md5(_media(name).encode(), usedforsecurity=False).hexdigest()


def _preview(name: str, kind: str = "IMAGE") -> str:
    return f"https://api.europeana.eu/thumbnail/v2/url.json?uri={quote(_media(name), safe='')}&type={kind}"


def _item(name: str, thing: dict[str, Any], index: int, key: str) -> dict[str, Any]:
    """Return an object as a search lists it: lists everywhere, and nothing that is empty."""
    agent = f"http://data.europeana.eu/agent/{thing['agent']}" if "agent" in thing else ""
    creator = thing.get("creator", "")
    item: dict[str, Any] = {
        "completeness": 10,
        "country": ["Netherlands"],
        "dataProvider": [thing["institution"]],
        "dcCreator": [part for part in (agent, creator) if part],
        "dcCreatorLangAware": {
            code: [part] for code, part in (("en", creator), ("def", agent or creator)) if part
        },
        "dcTitleLangAware": {code: [title] for code, title in thing["titles"].items()},
        "edmIsShownAt": [f"https://museum.example/objects{name}"],
        "edmPreview": [_preview(name, thing.get("type", "IMAGE"))],
        "guid": f"https://www.europeana.eu/item{name}?utm_source=api&utm_medium=api&utm_campaign={key}",
        "id": name,
        "index": index,
        "link": f"https://api.europeana.eu/record{name}.json?wskey={key}",
        "previewNoDistribute": False,
        "provider": ["Demo Aggregator"],
        "rights": [thing["rights"]] if thing.get("rights") else [],
        "score": 12.7,
        "title": list(thing["titles"].values()),
        "type": thing.get("type", "IMAGE"),
        "ugc": [False],
        "year": [thing["year"]] if "year" in thing else [],
    }  # fmt: skip
    return {field: value for field, value in sorted(item.items()) if value not in ([], {})}


def _record(name: str, thing: dict[str, Any]) -> dict[str, Any]:
    """Return an object as the Record API describes it; who provides it is a URI here, and a text or an object there."""
    is_even = int(thing["local"][-1]) % 2 == 0
    institution: Any = (
        {"prefLabel": {"en": [thing["institution"]]}} if is_even else "http://data.europeana.eu/organization/01"
    )
    aggregation = {
        "about": f"/aggregation/provider{name}",
        "edmDataProvider": {"def": [institution]},
        "edmProvider": {"en": ["Demo Aggregator"]},
        "edmIsShownAt": f"https://museum.example/objects{name}",
        "edmIsShownBy": _media(name),
        "edmObject": _media(name),
    }
    if thing.get("rights"):
        aggregation["edmRights"] = {"def": [thing["rights"]]}
    europeana: dict[str, Any] = {
        "about": f"/aggregation/europeana{name}",
        "edmLandingPage": f"https://www.europeana.eu/item{name}",
        "edmPreview": _preview(name, thing.get("type", "IMAGE")),
    }
    if thing.get("is_deleted"):
        europeana["changeLog"] = [{"type": "Create"}, {"type": "Delete"}]
    proxy: dict[str, Any] = {"about": f"/proxy/provider{name}", "europeanaProxy": False}
    proxy["dcTitle"] = {code: [title] for code, title in thing["titles"].items()}
    if "creator" in thing:
        proxy["dcCreator"] = {"def": [thing["creator"]]}
    enriched: dict[str, Any] = {"about": f"/proxy/europeana{name}", "europeanaProxy": True}
    if "year" in thing:
        enriched["year"] = {"def": [thing["year"]]}
    return {
        "about": name,
        "type": thing.get("type", "IMAGE"),
        "title": list(thing["titles"].values()),
        "organizations": [
            {"about": "http://data.europeana.eu/organization/01", "prefLabel": {"en": [thing["institution"]]}}
        ],
        "aggregations": [aggregation],
        "europeanaAggregation": europeana,
        "providedCHOs": [{"about": f"/item{name}"}],
        "proxies": [proxy, enriched],
    }


def _agent(name: str, person: dict[str, Any], objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a person as the Entity API describes them; names are texts, everything may be missing."""
    agent: dict[str, Any] = {
        "@context": "http://www.europeana.eu/schemas/context/entity.jsonld",
        "id": f"http://data.europeana.eu{name}",
        "type": "Agent",
        "prefLabel": person["names"],
    }
    agent |= {field: person[of] for field, of in (("dateOfBirth", "born"), ("dateOfDeath", "died")) if of in person}
    source = f"/{_DATASET}/{person.get('picture')}"
    if source in objects:
        agent["isShownBy"] = {
            "id": _media(source),
            "type": "WebResource",
            "source": f"http://data.europeana.eu/item{source}",
            "thumbnail": _preview(source).replace("/thumbnail/v2/url.json", "/api/v2/thumbnail-by-url.json"),
        }
    return agent


@cache
def _picture(local: str, side: int) -> bytes:
    """Return an invented picture: a frame, a ground and a figure in colours of its own."""
    seed = hashlib.sha256(local.encode()).digest()
    height = side * (4 + seed[0] % 3) // 5
    ground = tuple(90 + value % 120 for value in seed[1:4])
    picture = Image.new("RGB", (side, height), cast("tuple[int, int, int]", ground))
    draw = ImageDraw.Draw(picture)
    for row in range(height):
        shade = tuple(max(0, part - row * 70 // height) for part in ground)
        draw.line([(0, row), (side, row)], fill=cast("tuple[int, int, int]", shade))
    middle, radius = side // 2, side // 6
    figure = cast("tuple[int, int, int]", tuple(200 - value % 130 for value in seed[4:7]))
    draw.ellipse((middle - radius, height // 3 - radius, middle + radius, height // 3 + radius), fill=figure)
    draw.pieslice((middle - 2 * radius, height // 2, middle + 2 * radius, height * 3 // 2), 180, 360, fill=figure)
    draw.rectangle((0, 0, side - 1, height - 1), outline=(60, 44, 24), width=side // 40)
    made = BytesIO()
    picture.save(made, "JPEG", quality=85)
    return made.getvalue()
