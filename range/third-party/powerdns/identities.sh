#!/bin/sh
# The key of the configuration.
echo 'owner@owner=apikey:header:X-API-Key:owner-key-1'
