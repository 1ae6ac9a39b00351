#!/bin/sh
# Installs the package from PyPI into FOLDER/venv, the folder being the first argument.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
mkdir -p "$target"
[ -x "$target/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$target/venv"
"$target/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
