"""Bodies of the calculations of fund accounting."""
