"""Pricing: many quotes in, one golden price out, and why."""
