"""Telling the outside world: one module for each channel."""
