"""Entries that calculate: performance, risk, valuation, and pricing models."""
