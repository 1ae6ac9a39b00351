#!/bin/sh
# Runs pygeoapi under gunicorn in the foreground: FOLDER of install.sh, then a folder for its state.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=$1 state=$2
cp "$here/sites.tinydb" "$here/obs.csv" "$state/"
sed -e "s#@PORT@#$PORT#g" -e "s#@STATE@#$state#g" "$here/config.yml" > "$state/config.yml"
export PYGEOAPI_CONFIG="$state/config.yml" PYGEOAPI_OPENAPI="$state/openapi.json"
cd "$state"
"$target/venv/bin/python" "$target/venv/bin/pygeoapi" openapi generate "$PYGEOAPI_CONFIG" --format json --output-file "$PYGEOAPI_OPENAPI"
exec "$target/venv/bin/python" "$target/venv/bin/gunicorn" -b "127.0.0.1:$PORT" pygeoapi.flask_app:APP
