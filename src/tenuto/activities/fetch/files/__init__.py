"""Files of any supported format as typed tables."""
