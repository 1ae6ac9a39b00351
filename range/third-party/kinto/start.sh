#!/bin/sh
# Runs Kinto with its memory backend in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
target=$1 state=$2
cd "$state"
if [ ! -f kinto.ini ]; then
  "$target/venv/bin/python" -W ignore "$target/venv/bin/kinto" init --ini kinto.ini --backend memory --cache-backend memory --host 127.0.0.1
fi
exec "$target/venv/bin/python" -W ignore "$target/venv/bin/kinto" start --ini kinto.ini --port "$PORT"
