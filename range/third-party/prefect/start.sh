#!/bin/sh
# Runs the Prefect server with SQLite in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
target=$1 state=$2
export PREFECT_HOME="$state" PREFECT_PROFILES_PATH="$state/profiles.toml"
export PREFECT_API_DATABASE_CONNECTION_URL="sqlite+aiosqlite:///$state/prefect.db" PREFECT_API_URL="http://127.0.0.1:$PORT/api"
export PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_SERVER_UI_ENABLED=false
cd "$state"
exec "$target/venv/bin/python" -m uvicorn prefect.server.api.server:create_app --factory --host 127.0.0.1 --port "$PORT"
