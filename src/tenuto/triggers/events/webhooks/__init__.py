"""Signed deliveries of other systems: whether one is what it says."""
