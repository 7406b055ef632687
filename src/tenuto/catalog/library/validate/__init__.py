"""Validation: what a table may be asked, and the one shape of every answer."""
