"""Runs as their reader sees them: listed, told step by step, diagnosed, and acted upon."""
