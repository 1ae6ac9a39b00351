#!/bin/sh
# Installs what the library needs into .venv, here or in the folder given.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
mkdir -p "$target"
python3 -m venv "$target/.venv"
"$target/.venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
