# Sourced by backup.sh and restore.sh: finds the database that the settings of the platform name.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$here/../.venv/bin
[ -x "$bin/petition" ] || bin=$(dirname "$(command -v petition)")

# Sets `erased`, the folder with the list of erasures, and `kind`, and then `file` for SQLite, or for PostgreSQL what its programs read from the environment: a password
# never is an argument, which others on the machine could see.
settings=$("$bin/python" - <<'END'
from shlex import quote

from petition.config import load
from sqlalchemy import make_url

settings = load()
url = make_url(settings.database_url)
print(f"erased={quote(str(settings.erasures_folder))}")
if url.get_backend_name() == "sqlite":
    print("kind=sqlite", f"file={quote(url.database)}", sep="\n")
else:
    places = {"host": url.host, "port": url.port, "user": url.username, "password": url.password}
    places |= {"database": url.database, **url.query}
    print("kind=postgresql")
    for name, value in places.items():
        if value is not None:
            print(f"export PG{name.upper()}={quote(str(value))}")
END
)
eval "$settings"
