#!/usr/bin/env bash
# Makes the two roles of the platform in an empty database, as PostgreSQL's superuser: petition_owner owns the tables and
# changes them (petition db upgrade, restore.sh), petition_app reads and writes rows and can do nothing else.
# The image of PostgreSQL runs it once; by hand: POSTGRES_OWNER_PASSWORD=… POSTGRES_APP_PASSWORD=… PGDATABASE=petition roles.sh
set -euo pipefail

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --username="${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname="${POSTGRES_DB:-${PGDATABASE:-petition}}" <<'END'
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD
create role petition_owner login password :'owner_password';
create role petition_app login password :'app_password';
revoke all on schema public from public;
grant usage, create on schema public to petition_owner;
grant usage on schema public to petition_app;
alter default privileges for role petition_owner in schema public
    grant select, insert, update, delete on tables to petition_app;
alter default privileges for role petition_owner in schema public
    grant usage, select on sequences to petition_app;
END
