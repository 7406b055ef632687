"""Pricing arithmetic without tables: levels, limits, age, curves."""
