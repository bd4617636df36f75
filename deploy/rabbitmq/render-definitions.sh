#!/bin/sh
# Prints definitions.json with each @NAME@ replaced by the hash of the password in the environment variable NAME, or in
# the file that NAME_FILE names, so that no definition holds a password and a changed one counts from the next start.
# Erlang is in every broker's image.
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
    if file_of=$(printenv "${name}_FILE"); then
        password=$(cat "$file_of")
    else
        password=$(printenv "$name") || {
            echo "render-definitions: neither $name nor ${name}_FILE is set" >&2
            exit 1
        }
    fi
    hash=$(hash_of "$password")
    expressions="$expressions;s|@$name@|$hash|"
done
sed "${expressions#;}" "$file"
