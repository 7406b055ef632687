"""Bodies of the reconciliation activities."""
