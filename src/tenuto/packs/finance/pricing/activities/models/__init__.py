"""Prices from a model, for what nobody quotes."""
