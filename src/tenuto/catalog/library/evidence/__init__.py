"""Evidence: closed runs are exported into the ledger."""
