"""Where expressions stand, and whether they are right."""
