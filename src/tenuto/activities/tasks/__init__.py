"""Tasks for people, as a pack."""
