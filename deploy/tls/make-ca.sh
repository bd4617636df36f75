#!/bin/sh
# A private certificate authority for trying TLS out: make-ca.sh FOLDER HOST… writes ca.pem, and server.pem with
# server.key for these hosts. Its keys are as safe as the folder: for anything else use your company's own.
set -eu

[ $# -ge 2 ] || { echo "usage: make-ca.sh FOLDER HOST..." >&2; exit 2; }
folder=$1
shift
mkdir -p "$folder"
umask 077
names=""
for host in "$@"; do
    case $host in
        *[!0-9.]*) names="$names,DNS:$host" ;;
        *) names="$names,IP:$host" ;;
    esac
done

openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=Caravan private CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n' "${names#,}" >"$folder/server.ext"
openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 365 \
    -extfile "$folder/server.ext" -out "$folder/server.pem" 2>/dev/null
rm -f "$folder/server.csr" "$folder/server.ext"
chmod 644 "$folder/ca.pem" "$folder/server.pem"
