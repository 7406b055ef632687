"""Closed runs are read from the server and written into the ledger."""
