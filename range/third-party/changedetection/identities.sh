#!/bin/sh
# The key that the first start makes, as the settings page shows it.
set -eu
state=$1
key=$(sed -n 's/.*"api_access_token": *"\([^"]*\)".*/\1/p' "$state/data/changedetection.json" | head -n 1)
echo "owner@owner=apikey:header:x-api-key:$key"
