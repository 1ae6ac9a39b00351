#!/bin/sh
# Installs what the market needs into node_modules, here or in the folder given.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
mkdir -p "$target"
target=$(CDPATH= cd -- "$target" && pwd)
if [ "$target" != "$here" ]; then
  cp "$here/package.json" "$here/package-lock.json" "$target/"
fi
cd "$target"
npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
