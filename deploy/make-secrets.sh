#!/bin/sh
# Makes what deploy/compose.production.yml needs: make-secrets.sh FOLDER writes a random password and address for every
# role and broker user, and certificates of private authorities for broker and database. Keep the folder out of every repository.
# Run again, it keeps what is there, so that a new service only adds its own.
set -eu

[ $# -eq 1 ] || { echo "usage: make-secrets.sh FOLDER" >&2; exit 2; }
here=$(dirname -- "$0")
folder=$1
umask 077
mkdir -p "$folder"

write() { # name; from standard input
    rm -f "$folder/$1"
    cat >"$folder/$1"
}

password() { # name
    [ -s "$folder/$1" ] || openssl rand -hex 24 | tr -d '\n' >"$folder/$1"
    cat "$folder/$1"
}

password postgres_password >/dev/null
password broker_admin_password >/dev/null
for role in owner app dispatch; do
    printf 'postgresql://caravan_%s:%s@postgres:5432/caravan?sslmode=verify-full&sslrootcert=/run/secrets/database_ca' \
        "$role" "$(password "${role}_password")" | write "${role}_url"
done
for user in orchestrator discovery assessment planning; do
    printf 'amqps://%s:%s@rabbitmq:5671/caravan?cafile=/run/secrets/broker_ca' "$user" \
        "$(password "broker_${user}_password")" >"$folder/${user}_amqp_url"
done
# Read only by the child that calls a model: `offline`, the default, needs none.
[ -s "$folder/llm_api_key" ] || echo "put the key of the model's provider here" >"$folder/llm_api_key"
[ -s "$folder/tls/server.pem" ] || "$here/tls/make-ca.sh" "$folder/tls" rabbitmq localhost
[ -s "$folder/tls-postgres/server.pem" ] || "$here/tls/make-ca.sh" "$folder/tls-postgres" postgres localhost

# The compose file that this one is laid over asks for passwords by variable; with files given they are not used.
for name in $(sed -n 's/.*\${\([A-Z_]*\):?}.*/\1/p' "$here/../docker-compose.yml" | sort -u); do
    echo "$name=kept-in-a-file"
done | write compose.env
# Only the folder keeps others out: containers read single files of it, as users of their own.
find "$folder" -type f ! -name ca.key -exec chmod 444 {} +
chmod 700 "$folder"
echo "written to $folder; start with:" >&2
echo "  CARAVAN_SECRETS=$folder docker compose --env-file $folder/compose.env -f docker-compose.yml -f deploy/compose.production.yml up --build --detach" >&2
