"""Loading days of the past again, beside the regular syncs."""
