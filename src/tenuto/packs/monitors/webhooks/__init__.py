"""Signed events for programs: how they are written, signed, sent, and verified."""
