#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the role and database that migrations own. caravan_app and
# caravan_dispatch are made by `caravan db upgrade`, with the passwords of their URLs.
set -eu

[ -z "${CARAVAN_OWNER_PASSWORD_FILE:-}" ] || CARAVAN_OWNER_PASSWORD=$(cat "$CARAVAN_OWNER_PASSWORD_FILE")

psql --set=ON_ERROR_STOP=1 --set=password="$CARAVAN_OWNER_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role caravan_owner login createrole nosuperuser nobypassrls password :'password';
create database caravan owner caravan_owner;
SQL
