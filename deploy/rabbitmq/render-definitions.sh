#!/bin/sh
# Prints definitions.json with each @NAME@ replaced by the hash of the password in the environment variable NAME,
# so that no file holds a password and a changed one counts from the next start. Erlang is in every broker's image.
set -eu

hash_of() {
    PASSWORD=$1 erl -noshell -eval '
        Word = unicode:characters_to_binary(os:getenv("PASSWORD")),
        Salt = crypto:strong_rand_bytes(4),
        Hash = crypto:hash(sha256, <<Salt/binary, Word/binary>>),
        io:put_chars(base64:encode(<<Salt/binary, Hash/binary>>)),
        halt().'
}

file=$(dirname -- "$0")/definitions.json
expressions=""
for name in $(sed -n 's/.*"@\(CARAVAN_BROKER_[A-Z_]*\)@".*/\1/p' "$file"); do
    password=$(printenv "$name") || {
        echo "render-definitions: $name is not set" >&2
        exit 1
    }
    hash=$(hash_of "$password")
    expressions="$expressions;s|@$name@|$hash|"
done
sed "${expressions#;}" "$file"
