#!/bin/sh
# Makes the account that the configuration of `kinto init` calls the administrator, and prints it.
set -eu
url=$2
curl --silent --show-error --fail --output /dev/null -X PUT "$url/v1/accounts/admin" \
  -H 'content-type: application/json' -d '{"data": {"password": "admin-Pass-1"}}'
echo 'admin@admin=basic:admin:admin-Pass-1'
