"""Appointments of a small clinic, as an HTTP API."""
