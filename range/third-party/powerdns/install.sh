#!/bin/sh
# Unpacks the Debian packages into FOLDER/root, the folder being the first argument; nothing is installed in the system.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
mkdir -p "$target/debs"
cd "$target/debs"
apt-get download pdns-server pdns-backend-sqlite3
for package in *.deb; do dpkg -x "$package" "$target/root"; done
