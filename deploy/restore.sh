#!/usr/bin/env bash
# Brings a copy that backup.sh made into an empty database: restore.sh [--send-letters] COPY
#
# Letters that waited when the copy was made have been sent since, so they do not wait any more in the restored database,
# unless --send-letters says that they were not. Numbers that were given since are not given again, so that no link
# of the lost time ever opens somebody else's signature. All of it happens at once, or not at all. Then those are erased
# again who were erased since, as the list in the data folder and the one beside the copy say.
set -euo pipefail
umask 077

reason='Waited when the backup was made that this database comes from; not sent again.'
skipped=10000000

sends_letters=no
if [ "${1:-}" = --send-letters ]; then
    sends_letters=yes
    shift
fi
if [ $# -ne 1 ] || [ ! -r "$1" ]; then
    echo "usage: restore.sh [--send-letters] COPY" >&2
    exit 2
fi
copy=$1
. "$(dirname "${BASH_SOURCE[0]}")/database.sh"

stop() {
    echo "restore.sh: $1" >&2
    exit 1
}

settle_letters=""
if [ "$sends_letters" = no ]; then
    settle_letters="update letter set state = 'failed', recipient = null, error = '$reason' where state = 'waiting';"
fi

if [ "$kind" = sqlite ]; then
    [ ! -e "$file" ] || stop "$file is there already: move it away with its -wal and -shm first"
    mkdir -p "$(dirname "$file")"
    part=$file.restoring
    trap 'rm -f "$part" "$part"-*' EXIT
    cp "$copy" "$part"
    "$bin/python" - "$part" "$skipped" "$settle_letters" <<'END'
import sqlite3
import sys
from contextlib import closing

part, skipped, settle_letters = sys.argv[1:]
try:
    with closing(sqlite3.connect(part)) as restored, restored:
        (found,) = restored.execute("pragma integrity_check").fetchone()
        if found != "ok":
            sys.exit(f"restore.sh: the copy is damaged: {found}")
        restored.execute(settle_letters or "select 1")
        for table in ("signature", "letter"):
            given = restored.execute("update sqlite_sequence set seq = seq + ? where name = ?", (skipped, table))
            if not given.rowcount:
                restored.execute("insert into sqlite_sequence (name, seq) values (?, ?)", (table, skipped))
except sqlite3.Error as error:
    sys.exit(f"restore.sh: the copy cannot be read: {error}")
END
    sync "$part"
    mv "$part" "$file"
else
    [ "$(psql --no-psqlrc --no-password --tuples-only --no-align --command="select to_regclass('letter') is null")" = t ] ||
        stop "the database $PGDATABASE is not empty: make a new one"
    # The end comes only when all that is before it came, and without it nothing is kept.
    {
        echo 'begin;'
        pg_restore --no-owner --no-privileges --file=- "$copy" && cat <<END
reset search_path;
$settle_letters
select setval(place, nextval(place) + $skipped) from unnest(array[
    pg_get_serial_sequence('signature', 'id'), pg_get_serial_sequence('letter', 'id')]::regclass[]) place;
commit;
END
    } | psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --output=/dev/null ||
        stop "nothing was restored"
fi

"$bin/petition" db upgrade
lists=()
[ ! -d "$(dirname "$copy")/erased" ] || lists+=("$(dirname "$copy")/erased")
"$bin/petition" erase-again "${lists[@]}"
echo "Restored. What people withdrew since the backup counts again; see docs/operating.md. Then start the platform."
