"""Whether a definition has the form it must have."""
