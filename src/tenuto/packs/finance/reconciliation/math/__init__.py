"""Arithmetic of a reconciliation that needs no table library."""
