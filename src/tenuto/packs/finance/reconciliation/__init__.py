"""Reconciliation: two or three records of the same things, matched, and what differs kept alive."""
