"""Workflows that wait, and the servers that the tests kill under them."""
