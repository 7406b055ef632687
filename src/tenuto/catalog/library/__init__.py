"""Entries of the shared activity library: light contracts, by area."""
