#!/usr/bin/env bash
# Saves the database while the platform runs, and prints the name of the copy: backup.sh FOLDER
# Copies in the folder that are older than KEEP_DAYS (30, at most 60) are deleted, as the privacy page promises. The list of
# erasures is copied beside them, so that restore.sh can forget again who was erased since.
set -euo pipefail
umask 077

if [ $# -ne 1 ]; then
    echo "usage: backup.sh FOLDER" >&2
    exit 2
fi
folder=$1
. "$(dirname "${BASH_SOURCE[0]}")/database.sh"

mkdir -p "$folder"
copy=$folder/petition-$(date -u +%Y%m%dT%H%M%SZ)
# Another copy of the same second keeps its name.
while compgen -G "$copy.*" > /dev/null; do
    sleep 0.2
    copy=$folder/petition-$(date -u +%Y%m%dT%H%M%SZ)
done
part=$folder/.petition-$$.part
trap 'rm -f "$part" "$part"-*' EXIT

if [ "$kind" = sqlite ]; then
    copy=$copy.sqlite
    "$bin/python" - "$file" "$part" <<'END'
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

source, copy = sys.argv[1:]
uri = Path(source).absolute().as_uri() + "?mode=ro"
with closing(sqlite3.connect(uri, uri=True)) as live, closing(sqlite3.connect(copy)) as saved:
    live.backup(saved)
    (found,) = saved.execute("pragma integrity_check").fetchone()
    sys.exit(None if found == "ok" else f"backup.sh: the copy is damaged: {found}")
END
else
    copy=$copy.dump
    pg_dump --format=custom --no-owner --no-privileges --no-password --file="$part"
    pg_restore --list "$part" > /dev/null
fi

sync "$part"
mv "$part" "$copy"
find "$folder" -maxdepth 1 -type f -name 'petition-*' -mmin "+$((${KEEP_DAYS:-30} * 1440))" -delete
if [ -d "$erased" ]; then
    mkdir -p "$folder/erased"
    cp -p "$erased"/*.log "$folder/erased/" 2> /dev/null || true
    find "$folder/erased" -type f -name '*.log' -mmin "+$((60 * 1440))" -delete
fi
echo "$copy"
