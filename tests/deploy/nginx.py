"""The nginx of the examples, written so that it works in a folder of its own."""

import http.client
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from tests.servers import Running

NGINX = Path(__file__).parent.parent.parent / "deploy" / "nginx"
PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


class Answer(NamedTuple):
    """What came back through nginx."""

    status: int
    headers: http.client.HTTPMessage
    text: str


def written(folder: Path, name: str, **changes: str) -> Path:
    """Write an example so that it works in a folder of its own, and return the file of nginx that includes it."""
    usual = {"/etc/nginx/petition": str(folder), "/var/cache/nginx/petition": str(folder / "cache")}
    usual |= {"/var/log/nginx": str(folder), "/dev/stdout": str(folder / "petition.log")}
    usual |= {"/dev/stderr": str(folder / "petition-error.log")}
    for path in NGINX.iterdir():
        text = path.read_text()
        for old, new in (usual | changes).items():
            text = text.replace(old, new)
        (folder / path.name).write_text(text)
    main = folder / "nginx.conf"
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Its processes must reach this folder, which belongs to whoever runs the tests.
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(
        f"{user} daemon off; worker_processes 1; pid {folder / 'pid'}; error_log {folder / 'error.log'} error;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}\ninclude {folder / name};\n}}\n"
    )
    return main


def nginx(main: Path, *arguments: str) -> list[str]:
    """Return the command that runs it."""
    return [str(PROGRAM), "-p", str(main.parent), "-e", str(main.parent / "error.log"), "-c", str(main), *arguments]


def ask(site: Running, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
    """Ask nginx; underscores in names of headers stand for hyphens."""
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if method == "POST":
        named["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    found = Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
    connection.close()
    return found
