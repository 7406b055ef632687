"""A user's project, and what runs in it."""
