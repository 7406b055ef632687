"""Matching in SQL: passes over what is left, until nothing more can be matched."""
