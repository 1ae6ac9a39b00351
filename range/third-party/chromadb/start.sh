#!/bin/sh
# Runs Chroma in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
target=$1 state=$2
export ANONYMIZED_TELEMETRY=False
cd "$state"
exec "$target/venv/bin/python" "$target/venv/bin/chroma" run --path "$state/data" --host 127.0.0.1 --port "$PORT"
