"""Bodies of the validate area."""
