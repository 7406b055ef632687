"""Looking for files that arrived."""
