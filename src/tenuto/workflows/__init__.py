"""Deterministic parts that workflows of all packs share."""
