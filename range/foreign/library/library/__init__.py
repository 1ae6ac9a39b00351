"""A town library, as an HTTP API."""
