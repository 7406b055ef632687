"""Schedules whose next run is decided by the result of the one before."""
