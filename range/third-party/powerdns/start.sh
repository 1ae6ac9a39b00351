#!/bin/sh
# Runs the authoritative server with SQLite in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
target=$1 state=$2
root="$target/root"
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' \
  "$state/pdns.sqlite3" "$root/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql"
cat > "$state/pdns.conf" <<END
launch=gsqlite3
gsqlite3-database=$state/pdns.sqlite3
gsqlite3-dnssec=yes
module-dir=$(echo "$root"/usr/lib/*/pdns)
socket-dir=$state
local-address=127.0.0.1
local-port=$((PORT + 1))
api=yes
api-key=owner-key-1
webserver-address=127.0.0.1
webserver-port=$PORT
webserver-allow-from=127.0.0.1
END
exec "$root/usr/sbin/pdns_server" --config-dir="$state" --guardian=no --daemon=no
