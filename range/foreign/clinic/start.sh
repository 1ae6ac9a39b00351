#!/bin/sh
# Runs the clinic in the foreground; PORT and HARDENED come from the environment.
# The argument is the folder that install.sh was given, if it was given one.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
target=$(CDPATH= cd -- "$target" && pwd)
export PYTHONDONTWRITEBYTECODE=1
cd "$here"
exec "$target/.venv/bin/python" -m clinic
