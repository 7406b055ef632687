"""Whether what was found differs from what was known."""
