#!/bin/sh
# Runs changedetection.io in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
target=$1 state=$2
cd "$state"
exec "$target/venv/bin/python" "$target/venv/bin/changedetection.io" -h 127.0.0.1 -p "$PORT" -d "$state/data" -C
